/* The words beside the recording: the cue that is spoken is marked and kept in view, a click goes there, words are found. */
import { fill, timecode } from './words.js';

const HANDS_OFF_MS = 5000; // after the person has scrolled, do not pull the list away

/** Follows `video` in the list of cues inside `box`. */
export class Transcript {
  constructor(box, video, words) {
    Object.assign(this, { box, video, words, current: null, touched: 0, found: [], at: -1 });
    this.list = box.querySelector('ol');
    this.field = box.querySelector('input[type="search"]');
    this.told = box.querySelector('[data-found]');
    this.read();
    box.addEventListener('click', (event) => {
      const cue = event.target.closest('button[data-ms]');
      if (!cue) return;
      video.currentTime = Number(cue.dataset.ms) / 1000;
      video.play().catch(() => {});
    });
    for (const name of ['wheel', 'touchmove']) {
      this.list.addEventListener(name, () => { this.touched = Date.now(); }, { passive: true });
    }
    video.addEventListener('timeupdate', () => this.follow());
    video.addEventListener('seeked', () => { this.touched = 0; this.follow(); });
    this.field.closest('[hidden]').hidden = false;
    this.field.addEventListener('input', () => this.search());
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    });
    box.querySelector('[data-next]').addEventListener('click', () => this.step(1));
    box.querySelector('[data-previous]').addEventListener('click', () => this.step(-1));
  }

  read() {
    this.cues = [...this.list.querySelectorAll('button[data-ms]')];
    this.starts = this.cues.map((cue) => Number(cue.dataset.ms) / 1000);
    this.current = null;
  }

  /** Show another language: the cues of a text track. */
  show(cues, language) {
    const lines = [...cues].map((cue) => {
      const line = document.createElement('li');
      const button = document.createElement('button');
      Object.assign(button, { type: 'button' });
      button.dataset.ms = String(Math.round(cue.startTime * 1000));
      const parts = [timecode(cue.startTime), cue.text.replace(/<[^>]*>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')];
      parts.forEach((text, place) => {
        const part = document.createElement('span');
        part.className = place ? 'cue-text' : 'cue-time';
        part.textContent = text;
        button.append(part);
      });
      line.append(button);
      return line;
    });
    this.list.lang = language;
    this.list.textContent = '';
    this.list.append(...lines);
    this.read();
    this.search();
    this.follow();
  }

  follow() {
    const now = this.video.currentTime + 0.05;
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= now) low = middle + 1;
      else high = middle;
    }
    const cue = this.cues[low - 1] || null;
    if (cue === this.current) return;
    if (this.current) this.current.removeAttribute('aria-current');
    this.current = cue;
    if (!cue) return;
    cue.setAttribute('aria-current', 'true');
    if (Date.now() - this.touched > HANDS_OFF_MS && !this.field.value) this.bring(cue);
  }

  bring(cue) {
    this.list.scrollTop = cue.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
  }

  search() {
    const wanted = this.field.value.trim().toLowerCase();
    this.found = [];
    this.at = -1;
    for (const cue of this.cues) {
      const text = cue.querySelector('.cue-text');
      const whole = text.textContent;
      const place = wanted ? whole.toLowerCase().indexOf(wanted) : -1;
      if (place < 0) {
        if (text.childElementCount) text.textContent = whole;
        continue;
      }
      const mark = document.createElement('mark');
      mark.textContent = whole.slice(place, place + wanted.length);
      text.textContent = '';
      text.append(whole.slice(0, place), mark, whole.slice(place + wanted.length));
      this.found.push(cue);
    }
    if (wanted && this.found.length) this.step(1);
    else this.tell(wanted);
  }

  step(change) {
    if (!this.found.length) return;
    this.at = (this.at + change + this.found.length) % this.found.length;
    for (const cue of this.box.querySelectorAll('.is-found')) cue.classList.remove('is-found');
    const cue = this.found[this.at];
    cue.classList.add('is-found');
    this.touched = Date.now();
    this.bring(cue);
    this.tell(this.field.value.trim());
  }

  tell(wanted) {
    const { words, found, at } = this;
    this.told.textContent = !wanted ? '' : found.length ? fill(words.found, { at: at + 1, count: found.length }) : words.not_found;
    if (!wanted) for (const cue of this.box.querySelectorAll('.is-found')) cue.classList.remove('is-found');
  }
}
