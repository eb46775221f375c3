/* The player of lessons and of station screens. It reports nothing: whoever counts listens to the events of `video`,
   which stays the same element for as long as the page is open. Nothing in it ever stops a person from moving about. */
import { Choices } from './choices.js';
import { Hands } from './hands.js';
import { Stream } from './stream.js';
import { Transcript } from './transcript.js';
import { fill, keep, kept, timecode } from './words.js';

const SLOW_MS = 4000;
const KEEP_EVERY_S = 5;
const LAST_S = 3;
const LASTING = ['signed_out', 'gone', 'failed'];

/** One player: `box` holds the markup of media/player.html, `data` what players.py gives. */
export class Player {
  constructor(box, data) {
    Object.assign(this, { box, data, trouble: '', length: data.length_ms / 1000 });
    this.picture = box.querySelector('media-controller');
    this.video = box.querySelector('video');
    this.line = box.querySelector('.player-line');
    this.stream = new Stream(this.video, data, (what) => this.hear(what));
    this.isPlayable = this.stream.isPlayable;
  }

  /** Begin at `start` seconds, told as "going on" when the person was there before. */
  begin(start, isResumed) {
    if (!this.isPlayable) {
      this.say(this.data.words.no_play);
      return;
    }
    const [at, isKept] = this.placeKept(start);
    this.data.start = at;
    this.picture.fullscreenElement = this.box;
    this.addTranscript();
    this.choices = new Choices(this.box, this.video, this.stream, this.data, (what, track) => this.follow(track));
    this.fields = this.choices.fields;
    this.addChapters();
    this.addThumbnails();
    this.box.querySelector('.player-controls').hidden = false;
    this.watchLine();
    this.hands = new Hands(this);
    this.stream.load(at);
    if (at > 0 && (isResumed || isKept)) this.say(fill(this.data.words.resumed, { time: timecode(at) }), true);
  }

  placeKept(start) {
    const { keep_as: name } = this.data;
    if (!name) return [start, false];
    this.video.addEventListener('timeupdate', () => {
      const now = Math.floor(this.video.currentTime);
      if (now % KEEP_EVERY_S === 0 && now > 0) keep(name, now);
    });
    this.video.addEventListener('ended', () => keep(name, null));
    const there = Number(kept(name)) || 0;
    return !start && there > 0 && there < this.length - LAST_S ? [there, true] : [start, false];
  }

  /** A sentence under the picture; `passes` when it goes by itself at the next playing. */
  say(text, passes = false) {
    this.line.hidden = !text;
    this.line.textContent = text;
    this.passes = passes;
  }

  hear(what) {
    if (what === 'levels') this.choices.offerQuality();
    else if (what === 'languages') this.choices.offerLanguages();
    else if (what === 'flowing') this.clear();
    else if (!LASTING.includes(this.trouble)) {
      this.trouble = what;
      this.box.dataset.problems = String(Number(this.box.dataset.problems || 0) + 1);
      this.say(this.data.words[what]);
    }
  }

  clear() {
    clearTimeout(this.slowTimer);
    if (!this.trouble || LASTING.includes(this.trouble)) return;
    this.trouble = '';
    this.choices.renewCaptions();
    this.say('');
  }

  watchLine() {
    const { video } = this;
    video.addEventListener('playing', () => {
      clearTimeout(this.slowTimer);
      if (this.trouble === 'slow' || (!this.trouble && this.passes)) this.say('');
      if (this.trouble === 'slow') this.trouble = '';
    });
    for (const name of ['waiting', 'play']) {
      video.addEventListener(name, () => {
        clearTimeout(this.slowTimer);
        this.slowTimer = setTimeout(() => this.tellSlow(), SLOW_MS);
      });
    }
    addEventListener('offline', () => this.hear('offline'));
  }

  tellSlow() {
    if (this.video.paused || this.video.readyState > 2 || this.trouble) return;
    this.trouble = 'slow';
    this.say(this.data.words.slow);
  }

  addTrack(kind, label, src) {
    const track = document.createElement('track');
    Object.assign(track, { kind, label, src, default: true });
    this.video.append(track);
    track.track.mode = 'hidden';
  }

  addThumbnails() {
    if (this.data.storyboard) this.addTrack('metadata', 'thumbnails', this.data.storyboard);
  }

  addChapters() {
    const { marks } = this.data;
    if (!marks.length) return;
    const clock = (ms) => new Date(ms).toISOString().slice(11, 23);
    const cues = marks.map(({ start_ms: from, title }, place) => {
      const to = place + 1 < marks.length ? marks[place + 1].start_ms : Math.max(this.data.length_ms, from + 1);
      return `${clock(from)} --> ${clock(to)}\n${title.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/-->/g, '→')}\n`;
    });
    this.addTrack('chapters', this.data.words.chapters, URL.createObjectURL(new Blob([`WEBVTT\n\n${cues.join('\n')}`], { type: 'text/vtt' })));
    const links = [...document.querySelectorAll('[data-mark-ms]')];
    links.forEach((link) => link.addEventListener('click', (event) => {
      event.preventDefault();
      this.video.currentTime = Number(link.dataset.markMs) / 1000;
      this.box.scrollIntoView({ block: 'nearest' });
    }));
    this.video.addEventListener('timeupdate', () => {
      const now = this.video.currentTime * 1000 + 50;
      const current = links.filter((link) => Number(link.dataset.markMs) <= now).pop();
      for (const link of links) {
        if (link === current) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      }
    });
  }

  addTranscript() {
    const box = document.getElementById('transcript');
    if (!box) return;
    this.transcript = new Transcript(box, this.video, this.data.words);
    this.shown = this.transcript.list.lang;
  }

  /** The words beside the picture are those of the captions' language. */
  follow(track) {
    if (!this.transcript || track.srclang === this.shown) return;
    const show = () => {
      this.shown = track.srclang;
      this.transcript.show(track.track.cues, track.srclang);
    };
    if (track.readyState === HTMLTrackElement.LOADED) show();
    else track.addEventListener('load', show, { once: true });
  }

  toggle() {
    if (this.video.paused || this.video.ended) this.video.play().catch(() => {});
    else this.video.pause();
  }

  jump(seconds) {
    this.video.currentTime = Math.min(Math.max(0, this.video.currentTime + seconds), this.length);
  }
}
