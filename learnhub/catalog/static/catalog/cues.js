/* What can be done to a list of captions `[from_ms, to_ms, text]`, as plain functions: each gives a new list. */

const LEAST_MS = 200;
const NEW_MS = 2000;

/** 62300 → "1:02.300". */
export function clock(ms) {
  const two = (number) => String(number).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = `${two(seconds % 60)}.${String(ms % 1000).padStart(3, '0')}`;
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** "1:02.3" → 62300; null for what is no time. */
export function readClock(text) {
  const found = /^\s*(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,5})(?:[.,，。](\d{1,3}))?\s*$/.exec(text.replace(/：/g, ':'));
  if (!found) return null;
  const [, hours, minutes, seconds, part] = found;
  return ((Number(hours || 0) * 60 + Number(minutes || 0)) * 60 + Number(seconds)) * 1000 + Number((part || '').padEnd(3, '0'));
}

/** In order of time. */
export function sorted(cues) {
  return [...cues].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

/** What is wrong with a caption: backwards, overlap, empty, or nothing. */
export function fault(cues, place) {
  const [from, to, text] = cues[place];
  if (to <= from) return 'backwards';
  if (place > 0 && from < cues[place - 1][1]) return 'overlap';
  return text.trim() ? '' : 'empty';
}

/** Two in place of one: parted in the words at `at` and in time in the same share, or at `ms` when that lies inside. */
export function split(cues, place, at, ms) {
  const [from, to, text] = cues[place];
  const share = text.length ? at / text.length : 0.5;
  const inside = ms > from + LEAST_MS && ms < to - LEAST_MS;
  const middle = inside ? Math.round(ms) : Math.round(from + (to - from) * Math.min(0.9, Math.max(0.1, share)));
  const parts = [[from, middle, text.slice(0, at).trim()], [middle, to, text.slice(at).trim()]];
  return [...cues.slice(0, place), ...parts, ...cues.slice(place + 1)];
}

/** One in place of two. */
export function merge(cues, place) {
  if (place + 1 >= cues.length) return cues;
  const [one, other] = [cues[place], cues[place + 1]];
  const joint = /[A-Za-z0-9,.;]$/.test(one[2]) ? ' ' : '';
  const both = [one[0], Math.max(one[1], other[1]), `${one[2]}${joint}${other[2]}`];
  return [...cues.slice(0, place), both, ...cues.slice(place + 2)];
}

/** This one and all after it later (or, below zero, earlier), but never before the beginning. */
export function shift(cues, place, ms) {
  const least = place < cues.length ? cues[place][0] : 0;
  const change = Math.max(ms, -least);
  return cues.map((cue, index) => (index < place ? cue : [cue[0] + change, cue[1] + change, cue[2]]));
}

/** A new, empty one at `ms`, ending where the next begins; gives the list and its place. */
export function added(cues, ms, length) {
  const from = Math.round(ms);
  const next = cues.find((cue) => cue[0] > from);
  const to = Math.max(from + LEAST_MS, Math.min(next ? next[0] : Infinity, from + NEW_MS, length || Infinity));
  const made = [from, to, ''];
  const list = sorted([...cues, made]);
  return [list, list.indexOf(made)];
}
