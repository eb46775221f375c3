/* The lesson page of a text or document: tells the server which part of the text was on screen. */
import { Reporter } from './reporter.js';
import { fill } from '../media/words.js';
import { drawStrip, lengthInWords, makeNotice } from './saying.js';
import { measure, union, without } from './spans.js';

const LOOK_EVERY_MS = 1000;
const FASTEST = 2; // the server believes twice the usual reading speed

const data = JSON.parse(document.getElementById('lesson-data').textContent);
const text = document.getElementById('reading');
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

/** The part of the text inside the window, as milliseconds of its length; null when there is none. */
function onScreen() {
  const box = text.getBoundingClientRect();
  const top = Math.max(0, -box.top);
  const bottom = Math.min(box.height, window.innerHeight - box.top);
  if (bottom <= top || document.visibilityState !== 'visible') return null;
  const scale = data.length_ms / box.height;
  return [Math.floor(top * scale), Math.min(data.length_ms, Math.ceil(bottom * scale))];
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
  const box = text.getBoundingClientRect();
  window.scrollTo(0, window.scrollY + box.top + (box.height * data.position_ms) / data.length_ms - 20);
}

tell();
resume();
reporter.open();
setInterval(look, LOOK_EVERY_MS);
