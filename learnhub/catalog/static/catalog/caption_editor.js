/* The caption editor. Every change is at once kept on this machine; saving makes a new version on the server. */
import { token } from '../design/page.js';
import { Player } from '../media/player.js';
import { fill, keep, kept } from '../media/words.js';
import { added, clock, fault, merge, readClock, shift, sorted, split } from './cues.js';
import { Wave } from './wave.js';

const MOST_UNDO = 100;

const data = JSON.parse(document.getElementById('caption-data').textContent);
const player = new Player(document.getElementById('player'), JSON.parse(document.getElementById('player-data').textContent));
const { video } = player;
const list = document.getElementById('caption-list');
const state = document.getElementById('caption-state');
const notice = document.getElementById('caption-notice');
const { words } = data;

let { base, cues } = data;
let current = cues.length ? 0 : -1;
let isDirty = false;
let playTo = null;
const undone = [];

const wave = new Wave(document.getElementById('caption-wave'), {
  go: (seconds) => { video.currentTime = seconds; },
  choose: (place) => choose(place),
  drag: (place, side, ms, isDone) => {
    if (isDone) change(sorted(cues), cues[place]);
    else if (cues[place]) {
      if (!wave.isDragging) remember();
      wave.isDragging = true;
      cues = cues.map((cue, index) => (index === place ? (side ? [cue[0], ms, cue[2]] : [ms, cue[1], cue[2]]) : cue));
      showTimes(place);
      drawWave();
    }
    if (isDone) wave.isDragging = false;
  },
});

function tell(text, offers = false) {
  notice.hidden = !text;
  notice.querySelector('p').textContent = text;
  for (const button of notice.querySelectorAll('[data-draft]')) button.hidden = !offers;
}

function tellState() {
  const count = fill(words.count, { count: cues.length });
  state.textContent = `${count}. ${isDirty ? words.unsaved : words.clean}`;
}

function remember() {
  undone.push(cues);
  if (undone.length > MOST_UNDO) undone.shift();
}

function keepDraft() {
  isDirty = true;
  keep(data.keep_as, { base, cues, at: Date.now() });
  tellState();
}

/** Another list of captions; `focus` is the one that becomes current. */
function change(next, focus = cues[current], isUndo = false) {
  if (!isUndo && !wave.isDragging) remember();
  cues = next;
  current = Math.max(cues.indexOf(focus), cues.length ? 0 : -1);
  keepDraft();
  drawList();
}

function field(tag, label, value) {
  const made = document.createElement(tag);
  made.setAttribute('aria-label', label);
  made.value = value;
  return made;
}

function makeLine(cue, place) {
  const line = document.createElement('li');
  line.className = 'caption-line';
  line.dataset.place = String(place);
  const play = document.createElement('button');
  play.type = 'button';
  play.textContent = `▶ ${place + 1}`;
  play.setAttribute('aria-label', `${words.play}: ${fill(words.cue, { number: place + 1 })}`);
  const from = field('input', words.from, clock(cue[0]));
  const to = field('input', words.to, clock(cue[1]));
  const text = field('textarea', words.text, cue[2]);
  text.rows = Math.max(1, cue[2].split('\n').length);
  const wrong = document.createElement('span');
  wrong.className = 'caption-fault';
  line.append(play, from, to, text, wrong);
  return line;
}

function drawList() {
  list.textContent = '';
  list.append(...cues.map(makeLine));
  cues.forEach((cue, place) => showFault(place));
  choose(current, false);
  tellState();
}

function showFault(place) {
  const line = list.children[place];
  if (!line) return;
  const found = fault(cues, place);
  line.classList.toggle('is-bad', Boolean(found));
  line.querySelector('.caption-fault').textContent = found ? words[found] : '';
}

function showTimes(place) {
  const [from, to] = list.children[place].querySelectorAll('input');
  from.value = clock(cues[place][0]);
  to.value = clock(cues[place][1]);
  showFault(place);
  showFault(place + 1 < cues.length ? place + 1 : place);
}

function drawWave() {
  Object.assign(wave, { cues, current, now: video.currentTime });
  wave.draw();
}

function choose(place, isBrought = true) {
  for (const line of list.querySelectorAll('.is-current')) line.classList.remove('is-current');
  current = place;
  const line = list.children[place];
  if (line) {
    line.classList.add('is-current');
    if (isBrought) list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 3;
  }
  drawWave();
}

function playCue(place) {
  if (!cues[place]) return;
  choose(place);
  video.currentTime = cues[place][0] / 1000;
  playTo = cues[place][1] / 1000;
  video.play().catch(() => {});
}

function setTime(side) {
  const now = Math.round(video.currentTime * 1000);
  const cue = cues[current];
  if (!cue) return;
  const made = side ? [cue[0], now, cue[2]] : [now, cue[1], cue[2]];
  change(sorted(cues.map((one) => (one === cue ? made : one))), made);
}

async function save() {
  const sent = cues;
  try {
    const answer = await fetch(data.save_url, {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify({ base, cues: sent }),
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token() },
    });
    if (answer.status >= 500) throw new Error(String(answer.status));
    const told = await answer.json();
    if (answer.ok) {
      base = told.version;
      isDirty = sent !== cues;
      if (!isDirty) keep(data.keep_as, null);
      tell('');
      tellState();
      state.textContent = fill(words.saved, { version: base });
    } else tell(told.error.message);
  } catch (error) {
    tell(words.no_line);
  }
}

const tools = {
  save,
  undo: () => { if (undone.length) change(undone.pop(), cues[current], true); },
  add: () => {
    const [next, place] = added(cues, video.currentTime * 1000, data.length_ms);
    change(next, next[place]);
    list.children[current].querySelector('textarea').focus();
  },
  play: () => playCue(current),
  start: () => setTime(0),
  end: () => setTime(1),
  split: () => {
    if (!cues[current]) return;
    const text = list.children[current].querySelector('textarea');
    const at = document.activeElement === text || text.selectionStart ? text.selectionStart : Math.ceil(text.value.length / 2);
    const next = split(cues, current, at, video.currentTime * 1000);
    change(next, next[current]);
  },
  merge: () => {
    const next = merge(cues, current);
    if (next !== cues) change(next, next[current]);
  },
  remove: () => { if (cues[current]) change(cues.filter((cue, place) => place !== current), cues[current + 1] || cues[current - 1]); },
  shift: () => {
    const seconds = Number(document.getElementById('caption-shift').value);
    if (current < 0 || !seconds) return;
    const next = shift(cues, current, Math.round(seconds * 1000));
    change(next, next[current]);
  },
};

const KEYS = { p: 'play', b: 'start', e: 'end', s: 'split', m: 'merge', n: 'add', x: 'remove' };

function key(event) {
  const letter = event.key.toLowerCase();
  let act = null;
  if ((event.ctrlKey || event.metaKey) && letter === 's') act = save;
  else if ((event.ctrlKey || event.metaKey) && letter === 'z' && !event.target.closest('input, textarea')) act = tools.undo;
  else if (event.altKey && (letter === 'arrowup' || letter === 'arrowdown')) {
    const place = Math.min(cues.length - 1, Math.max(0, current + (letter === 'arrowup' ? -1 : 1)));
    act = () => { choose(place); if (list.children[place]) list.children[place].querySelector('textarea').focus(); };
  } else if (event.altKey && KEYS[event.code.replace('Key', '').toLowerCase()]) act = tools[KEYS[event.code.replace('Key', '').toLowerCase()]];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function typed(event) {
  const line = event.target.closest('.caption-line');
  if (!line) return;
  const place = Number(line.dataset.place);
  if (event.target.tagName !== 'TEXTAREA') return;
  if (!line.dataset.typed) remember();
  line.dataset.typed = 'yes';
  cues = cues.map((cue, index) => (index === place ? [cue[0], cue[1], event.target.value] : cue));
  showFault(place);
  keepDraft();
  drawWave();
}

function changed(event) {
  const line = event.target.closest('.caption-line');
  if (!line || event.target.tagName !== 'INPUT') return;
  const place = Number(line.dataset.place);
  const side = event.target === line.querySelectorAll('input')[0] ? 0 : 1;
  const ms = readClock(event.target.value);
  if (ms === null) {
    line.querySelector('.caption-fault').textContent = words.bad_time;
    return;
  }
  const made = side ? [cues[place][0], ms, cues[place][2]] : [ms, cues[place][1], cues[place][2]];
  change(sorted(cues.map((cue, index) => (index === place ? made : cue))), made);
}

/** What was not saved the last time: shown at once when it rests on the same version, offered when not. */
function findDraft() {
  const draft = kept(data.keep_as);
  if (!draft || !Array.isArray(draft.cues)) return;
  const time = new Date(draft.at).toLocaleString(document.documentElement.lang);
  const use = () => { change(draft.cues, draft.cues[0]); tell(''); };
  notice.querySelector('[data-draft="drop"]').addEventListener('click', () => {
    keep(data.keep_as, null);
    cues = data.cues;
    isDirty = false;
    current = cues.length ? 0 : -1;
    drawList();
    tell('');
  });
  notice.querySelector('[data-draft="use"]').addEventListener('click', use);
  if (draft.base === base) {
    change(draft.cues, draft.cues[0]);
    tell(fill(words.draft, { time }), true);
  } else tell(fill(words.draft_old, { time, version: base }), true);
}

for (const button of document.querySelectorAll('[data-do]')) button.addEventListener('click', () => tools[button.dataset.do]());
document.addEventListener('keydown', key, true);
list.addEventListener('input', typed);
list.addEventListener('change', changed);
list.addEventListener('focusin', (event) => {
  const line = event.target.closest('.caption-line');
  if (line && Number(line.dataset.place) !== current) choose(Number(line.dataset.place), false);
});
list.addEventListener('click', (event) => {
  const button = event.target.closest('.caption-line button');
  if (button) playCue(Number(button.closest('.caption-line').dataset.place));
});
video.addEventListener('timeupdate', () => {
  if (playTo !== null && video.currentTime >= playTo) {
    playTo = null;
    video.pause();
  }
  drawWave();
});
video.addEventListener('seeked', drawWave);
video.addEventListener('pause', () => { playTo = null; });
addEventListener('beforeunload', (event) => { if (isDirty && !keep(data.keep_as, { base, cues, at: Date.now() })) event.preventDefault(); });

drawList();
player.begin(0, false);
findDraft();
wave.load(data.waveform).then((isThere) => { if (!isThere && !notice.textContent.trim()) tell(words.no_wave); });
