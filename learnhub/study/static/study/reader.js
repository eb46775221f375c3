/* The lesson page of a text or document: tells the server which part of the text was on screen. */
import { Reporter } from './reporter.js';
import { fill } from '../media/words.js';
import { drawStrip, lengthInWords, makeNotice } from './saying.js';
import { measure, union, without } from './spans.js';

const LOOK_EVERY_MS = 1000;
const FASTEST = 2; // the server believes twice the usual reading speed

const data = JSON.parse(document.getElementById('lesson-data').textContent);
const text = document.getElementById('reading');
const found = [...text.querySelectorAll('.document-page')];
const pages = found.length ? found : [text];
const notice = makeNotice(document.getElementById('lesson-notice'));
const words = document.getElementById('lesson-progress');
const strip = document.getElementById('seen-strip');

let shown = data.seen;
let believedMs = data.seen_ms;
let isDone = data.done;
let before = null;

const reporter = new Reporter(data, (what, answer) => {
  if (what === 'answer') {
    believedMs = answer.seen_ms;
    isDone = isDone || answer.done;
    if (answer.done) document.getElementById('lesson-done').hidden = false;
    tell();
  }
  if (what === 'offline') notice(data.words.offline);
  if (what === 'online') notice('');
  if (what === 'signed_out') notice(data.words.signed_out);
  if (what === 'elsewhere') {
    notice(data.words.elsewhere, { button: true, onAgain: () => { notice(''); reporter.open(); } });
  }
});

function tell() {
  drawStrip(strip, shown, data.length_ms);
  if (isDone) {
    words.textContent = '';
    return;
  }
  const isAtEnd = measure(shown) >= data.needed_ms;
  const rest = Math.max(0, data.needed_ms - believedMs);
  const left = lengthInWords(isAtEnd ? rest / FASTEST : rest, data.words);
  const percent = Math.floor((measure(shown) * 100) / data.length_ms);
  words.textContent = fill(isAtEnd ? data.words.end : percent ? data.words.progress : data.words.begin, { percent, left });
}

/** The place of the text at a height of the window, in milliseconds of its length: each page of a document has an equal share. */
function placeAt(height) {
  let place = 0;
  pages.forEach((page, number) => {
    const box = page.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (height - box.top) / (box.height || 1)));
    if (share > 0) place = ((number + share) * data.length_ms) / pages.length;
  });
  return place;
}

/** The part of the text inside the window, as milliseconds of its length; null when there is none. */
function onScreen() {
  if (document.visibilityState !== 'visible') return null;
  const from = Math.floor(placeAt(0));
  const to = Math.ceil(placeAt(window.innerHeight));
  return from < to ? [from, to] : null;
}

/** Counts what has stayed on screen since the last look, so that flinging the text past counts nothing. */
function look() {
  const now = onScreen();
  if (now && before && reporter.isLive) {
    const stayed = [Math.max(now[0], before[0]), Math.min(now[1], before[1])];
    if (stayed[0] < stayed[1]) {
      if (without([stayed], shown).length || !isDone) reporter.add(stayed[0], stayed[1], now[0]);
      shown = union(shown, [stayed]);
      tell();
    }
  }
  before = now;
}

function resume() {
  if (data.done || data.position_ms <= 0) return;
  const place = (data.position_ms / data.length_ms) * pages.length;
  const page = pages[Math.min(pages.length - 1, Math.floor(place))];
  const box = page.getBoundingClientRect();
  window.scrollTo(0, window.scrollY + box.top + box.height * (place - pages.indexOf(page)) - 20);
}

tell();
resume();
reporter.open();
setInterval(look, LOOK_EVERY_MS);
