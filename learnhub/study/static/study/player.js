/* The lesson page of a video or sound recording: tells the server what was seen; the player itself knows nothing of it. */
import { Player } from '../media/player.js';
import { fill } from '../media/words.js';
import { Reporter } from './reporter.js';
import { drawStrip, lengthInWords, makeNotice } from './saying.js';
import { measure, union } from './spans.js';

const LAST_MS = 3000;

const data = JSON.parse(document.getElementById('lesson-data').textContent);
const player = new Player(document.getElementById('player'), JSON.parse(document.getElementById('player-data').textContent));
const { video } = player;
const notice = makeNotice(document.getElementById('lesson-notice'));
const words = document.getElementById('lesson-progress');
const strip = document.getElementById('seen-strip');

let seen = data.seen;
let isDone = data.done;
let last = null; // the media time up to which playing has been counted, in seconds

const reporter = new Reporter(data, (what, answer) => {
  if (what === 'answer' && answer.done) finish();
  if (what === 'offline') notice(data.words.offline);
  if (what === 'online') notice('');
  if (what === 'signed_out') notice(data.words.signed_out);
  if (what === 'elsewhere') {
    video.pause();
    notice(data.words.elsewhere, { button: true, onAgain: goOnHere });
  }
});

async function goOnHere() {
  notice('');
  await reporter.open();
  video.play();
}

function finish() {
  if (isDone) return;
  isDone = true;
  document.getElementById('lesson-done').hidden = false;
  document.dispatchEvent(new CustomEvent('lesson-done'));
  tell();
}

function tell() {
  drawStrip(strip, seen, data.length_ms);
  if (isDone) {
    words.textContent = '';
    return;
  }
  const left = lengthInWords(data.needed_ms - measure(seen), data.words);
  const percent = Math.floor((measure(seen) * 100) / data.length_ms);
  words.textContent = fill(percent ? data.words.progress : data.words.begin, { percent, left });
}

/** Count what played since the last call; a jump begins anew. */
function count(upTo = video.currentTime) {
  if (last !== null && upTo > last) {
    const piece = [Math.floor(last * 1000), Math.floor(upTo * 1000)];
    reporter.add(piece[0], Math.min(piece[1], data.length_ms), Math.min(upTo * 1000, data.length_ms));
    seen = union(seen, [[piece[0], Math.min(piece[1], data.length_ms)]]);
    tell();
  }
  last = upTo;
}

function startCounting() {
  last = video.currentTime;
}

function listen() {
  video.addEventListener('play', () => reporter.claim());
  video.addEventListener('playing', () => { startCounting(); if (!reporter.isOffline) notice(''); });
  video.addEventListener('timeupdate', () => { if (!video.seeking && !video.paused) count(); });
  video.addEventListener('seeking', startCounting);
  video.addEventListener('seeked', () => { startCounting(); reporter.position = Math.floor(video.currentTime * 1000); });
  video.addEventListener('pause', () => { if (!video.seeking) count(); last = null; reporter.send(); });
  // The stream is loaded anew, at first at 0 s: nothing is counted until it plays again.
  video.addEventListener('emptied', () => { last = null; });
  video.addEventListener('ended', () => {
    // The last frame lasts until the end; players stop a little before what ffprobe measured.
    if (last === null) last = video.currentTime;
    if (data.length_ms / 1000 - video.currentTime < 1) count(data.length_ms / 1000);
    last = null;
    reporter.send();
  });
}

function startAt() {
  if (data.start_s !== null) return Math.min(data.start_s, data.length_ms / 1000);
  return data.position_ms > 0 && data.position_ms < data.length_ms - LAST_MS ? data.position_ms / 1000 : 0;
}

if (player.isPlayable) listen();
player.begin(startAt(), data.start_s === null);
tell();
