/* The roll call by keyboard or touch: each mark is sent at once, kept on this device until the server has it, sent
   again when the line comes back; marks of other people at the same roll appear by themselves. */
import { token } from '../design/page.js';

const form = document.getElementById('roll');
const rows = [...form.querySelectorAll('.roll-row')];
const byPerson = new Map(rows.map((row) => [Number(row.dataset.person), row]));
const status = form.querySelector('[data-roll-status]');
const counts = form.querySelector('[data-roll-counts]');
const STORE = `learnhub-roll-${form.dataset.session}`;
const MARKS = ['present', 'late', 'leave', 'absent'];
const KEYS = {
  1: 0, 2: 1, 3: 2, 4: 3, KeyP: 0, KeyL: 1, KeyE: 2, KeyA: 3,
  Digit1: 0, Digit2: 1, Digit3: 2, Digit4: 3, Numpad1: 0, Numpad2: 1, Numpad3: 2, Numpad4: 3,
};
const POLL_MS = 8000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;

/** person → {status, version}: what the server has not confirmed. */
const waiting = new Map(readStore());
let sending = false;
let pause = FIRST_PAUSE_MS;
let timer = 0;

function readStore() {
  try {
    return JSON.parse(localStorage.getItem(STORE) || '[]').filter(([person]) => byPerson.has(person));
  } catch (error) {
    return []; // storage is switched off or was damaged: the marks live in this page only
  }
}

function keep() {
  try {
    if (waiting.size) localStorage.setItem(STORE, JSON.stringify([...waiting]));
    else localStorage.removeItem(STORE);
  } catch (error) {
    status.dataset.storage = 'off'; // private browsing: nothing survives the tab, all else works
  }
}

function say(kind) {
  status.dataset.kind = kind;
  status.textContent = form.dataset[`say${kind}`].replace('{count}', waiting.size);
}

function count() {
  const marked = rows.filter((row) => row.dataset.status !== 'unmarked').length;
  counts.textContent = form.dataset.sayCounts.replace('{marked}', marked).replace('{all}', rows.length);
}

function show(row, mark, state) {
  row.dataset.status = mark;
  row.dataset.saved = state;
  for (const radio of row.querySelectorAll('input[type="radio"]')) radio.checked = radio.value === mark;
}

function choose(row, mark) {
  const person = Number(row.dataset.person);
  const before = waiting.get(person);
  waiting.set(person, { status: mark, version: before ? before.version : Number(row.dataset.version) });
  show(row, mark, 'waiting');
  keep();
  count();
  send();
}

function apply(lines) {
  for (const line of lines) {
    const row = byPerson.get(line.person);
    if (!row) continue;
    row.dataset.version = line.version;
    row.title = line.by;
    row.querySelector('input[type="hidden"]').value = `${line.version}:${line.status}`;
    if (!waiting.has(line.person)) show(row, line.status, line.status === 'unmarked' ? '' : 'saved');
  }
  count();
}

async function post(address, body) {
  return fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token() },
    body: JSON.stringify(body),
  });
}

/** Sends everything that waits in one request; what is marked meanwhile goes with the next. */
async function send() {
  clearTimeout(timer);
  if (sending || !waiting.size) return;
  sending = true;
  say('Saving');
  const batch = [...waiting].map(([person, mark]) => ({ person, status: mark.status, version: mark.version }));
  try {
    const response = await post(form.dataset.marks, { marks: batch });
    if (response.ok) settle(batch, await response.json());
    else if (response.status >= 500 || response.status === 429) lost();
    else refusedAll();
  } catch (error) {
    lost();
  }
  sending = false;
  if (waiting.size && status.dataset.kind === 'Saving') send();
}

function settle(batch, answer) {
  pause = FIRST_PAUSE_MS;
  const versions = new Map(answer.lines.map((line) => [line.person, line.version]));
  const refused = new Map(answer.refused.map((one) => [one.person, one.text]));
  for (const sent of batch) {
    const now = waiting.get(sent.person);
    if (now && now.status === sent.status) waiting.delete(sent.person);
    else if (now) now.version = versions.get(sent.person);
  }
  keep();
  apply(answer.lines);
  for (const [person, text] of refused) {
    const row = byPerson.get(person);
    if (row) row.dataset.saved = 'refused';
    status.textContent = text;
    status.dataset.kind = 'Refused';
  }
  if (!waiting.size && !refused.size) say('Saved');
}

function lost() {
  for (const person of waiting.keys()) byPerson.get(person).dataset.saved = 'lost';
  say('Lost');
  timer = setTimeout(send, pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
}

function refusedAll() {
  for (const person of waiting.keys()) byPerson.get(person).dataset.saved = 'refused';
  say('Refused');
}

async function poll() {
  if (!document.hidden && !sending) {
    try {
      const response = await fetch(form.dataset.state, { headers: { Accept: 'application/json' } });
      if (response.ok) apply((await response.json()).lines);
    } catch (error) {
      status.dataset.poll = 'lost'; // nothing to say: only marks that were not saved matter to the person
    }
  }
  setTimeout(poll, POLL_MS);
}

async function markRest(mark) {
  const left = rows.filter((row) => row.dataset.status === 'unmarked');
  for (const row of left) {
    waiting.set(Number(row.dataset.person), { status: mark, version: Number(row.dataset.version) });
    show(row, mark, 'waiting');
  }
  keep();
  count();
  await send();
}

function focusRow(row) {
  if (!row) return;
  const radios = [...row.querySelectorAll('input[type="radio"]')];
  (radios.find((radio) => radio.checked) || radios[0]).focus();
  row.scrollIntoView({ block: 'nearest' });
}

/** The row beside this one in the next or previous column. */
function beside(row, step) {
  const here = row.getBoundingClientRect();
  const others = rows.filter((other) => (other.getBoundingClientRect().left - here.left) * step > 10);
  const columns = others.map((other) => Math.abs(other.getBoundingClientRect().left - here.left));
  const nearest = Math.min(...columns);
  return others.filter((other, place) => columns[place] < nearest + 10).sort((one, two) =>
    Math.abs(one.getBoundingClientRect().top - here.top) - Math.abs(two.getBoundingClientRect().top - here.top))[0];
}

form.addEventListener('keydown', (event) => {
  const row = event.target.closest('.roll-row');
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const place = rows.indexOf(row);
  // With a Chinese input method switched on, `key` says "Process"; `code` still names the key.
  const mark = KEYS[event.code] !== undefined ? KEYS[event.code] : KEYS[event.key];
  if (mark !== undefined) {
    choose(row, MARKS[mark]);
    focusRow(rows[place + 1] || row);
  } else if (event.key === 'ArrowDown' || event.code === 'KeyJ' || event.key === 'Enter') focusRow(rows[place + 1]);
  else if (event.key === 'ArrowUp' || event.code === 'KeyK') focusRow(rows[place - 1]);
  else if (event.key === 'ArrowRight') focusRow(beside(row, 1));
  else if (event.key === 'ArrowLeft') focusRow(beside(row, -1));
  else return;
  event.preventDefault();
});
form.addEventListener('change', (event) => {
  const row = event.target.closest('.roll-row');
  if (row) choose(row, event.target.value);
});
form.addEventListener('submit', (event) => {
  const button = event.submitter;
  event.preventDefault();
  if (button && button.name === 'rest') markRest(button.value);
  else send();
});
// A browser without event.submitter (before 2021) is told by the click which button it was.
for (const button of form.querySelectorAll('button[name="rest"]')) {
  button.addEventListener('click', (event) => {
    event.preventDefault();
    markRest(button.value);
  });
}
window.addEventListener('online', send);
window.addEventListener('beforeunload', (event) => {
  if (waiting.size) event.preventDefault();
});

form.classList.add('ready');
for (const [person, mark] of waiting) show(byPerson.get(person), mark.status, 'waiting');
for (const row of rows) if (!row.dataset.saved && row.dataset.status !== 'unmarked') row.dataset.saved = 'saved';
count();
if (waiting.size) send();
focusRow(rows.find((row) => row.dataset.status === 'unmarked') || rows[0]);
setTimeout(poll, POLL_MS);
