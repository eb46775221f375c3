/* The player's controls: buttons and keys over a native <video>. Everything can be reached by keyboard and touch. */
import { fill, timecode } from './saying.js';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const KEPT = 'learnhub.player';

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) || {};
  } catch (error) {
    return {};
  }
}

/** Wires the controls inside `player`; choices of speed, captions and quality are kept on this machine. */
export class Controls {
  constructor(player, video, stream, data) {
    Object.assign(this, { player, video, stream, data });
    this.choices = { speed: 1, captions: true, quality: 'auto', ...kept() };
    const find = (name) => player.querySelector(`[data-control="${name}"]`);
    for (const name of ['play', 'place', 'time', 'speed', 'captions', 'quality', 'mute', 'full', 'back', 'ahead']) {
      this[name] = find(name);
    }
  }

  /** Make the controls visible and alive. */
  show() {
    this.player.querySelector('.player-controls').hidden = false;
    const { video } = this;
    this.addCaptions();
    this.place.max = String(this.data.length_ms / 1000);
    this.play.addEventListener('click', () => this.toggle());
    video.addEventListener('click', () => this.toggle());
    this.back.addEventListener('click', () => this.jump(-10));
    this.ahead.addEventListener('click', () => this.jump(10));
    this.place.addEventListener('input', () => { video.currentTime = Number(this.place.value); });
    this.speed.addEventListener('change', () => this.setSpeed(Number(this.speed.value)));
    this.quality.addEventListener('change', () => this.setQuality(this.quality.value));
    this.captions.addEventListener('click', () => this.setCaptions(!this.choices.captions));
    this.mute.addEventListener('click', () => { video.muted = !video.muted; });
    this.full.addEventListener('click', () => this.toggleFull());
    for (const name of ['play', 'pause', 'ended', 'volumechange', 'timeupdate', 'seeking']) {
      video.addEventListener(name, () => this.draw());
    }
    video.addEventListener('loadedmetadata', () => { video.playbackRate = this.choices.speed; this.draw(); });
    document.addEventListener('keydown', (event) => this.key(event));
    this.setSpeed(this.choices.speed);
    this.setCaptions(this.choices.captions);
    this.draw();
  }

  addCaptions() {
    this.data.captions.forEach(([language, label, address], place) => {
      const track = document.createElement('track');
      Object.assign(track, { kind: 'captions', srclang: language, label, src: address, default: place === 0 });
      this.video.append(track);
    });
    this.captions.hidden = this.data.captions.length === 0;
  }

  draw() {
    const { video, data } = this;
    const now = video.currentTime;
    const text = fill(data.words.place, { time: timecode(now), length: timecode(data.length_ms / 1000) });
    this.time.textContent = text;
    this.place.value = String(now);
    this.place.setAttribute('aria-valuetext', text);
    const isStopped = video.paused || video.ended;
    this.play.classList.toggle('is-playing', !isStopped);
    this.play.setAttribute('aria-label', isStopped ? data.words.play : data.words.pause);
    this.mute.setAttribute('aria-pressed', String(video.muted));
  }

  toggle() {
    if (this.video.paused || this.video.ended) this.video.play();
    else this.video.pause();
  }

  jump(seconds) {
    this.video.currentTime = Math.min(Math.max(0, this.video.currentTime + seconds), this.data.length_ms / 1000);
  }

  setSpeed(speed) {
    this.remember('speed', SPEEDS.includes(speed) ? speed : 1);
    this.video.playbackRate = this.choices.speed;
    this.video.defaultPlaybackRate = this.choices.speed;
    this.speed.value = String(this.choices.speed);
  }

  setCaptions(on) {
    this.remember('captions', on);
    const [first] = this.video.textTracks;
    if (first) first.mode = on ? 'showing' : 'hidden';
    this.captions.setAttribute('aria-pressed', String(on));
  }

  /** Fill the list of qualities once the stream has told its heights. */
  offerQuality() {
    if (this.quality.dataset.filled) return;
    this.quality.dataset.filled = 'yes';
    const { words, kind, audio } = this.data;
    const isVideo = kind === 'video';
    const offers = [['auto', words.auto]];
    if (isVideo) offers.push(['saver', words.saver], ...this.stream.heights().map((height) => [String(height), `${height}p`]));
    if (isVideo && audio) offers.push(['sound', words.sound]);
    for (const [value, label] of offers) this.quality.append(new Option(label, value));
    this.quality.closest('label').hidden = !isVideo;
    if (isVideo && offers.some(([value]) => value === this.choices.quality)) this.setQuality(this.choices.quality);
  }

  setQuality(choice) {
    this.remember('quality', choice);
    this.quality.value = choice;
    this.player.classList.toggle('is-sound', choice === 'sound');
    if (choice !== this.stream.choice) this.stream.choose(choice);
  }

  remember(name, value) {
    this.choices[name] = value;
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.choices));
    } catch (error) {
      // storage is switched off: the choice holds for this page
    }
  }

  toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.player.requestFullscreen) this.player.requestFullscreen();
    else if (this.video.webkitEnterFullscreen) this.video.webkitEnterFullscreen(); // iPhone: only the video itself
  }

  key(event) {
    const { target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest('select, textarea, input:not([type="range"])')) return;
    if (target.closest('button, a, summary') && (event.key === ' ' || event.key === 'Enter')) return;
    const act = this.keyAction(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  keyAction(key) {
    const step = (change) => SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(this.choices.speed) + change))];
    const volume = (change) => { this.video.volume = Math.min(1, Math.max(0, this.video.volume + change)); };
    if (/^[0-9]$/.test(key)) return () => { this.video.currentTime = (Number(key) * this.data.length_ms) / 10000; };
    return {
      ' ': () => this.toggle(), k: () => this.toggle(), j: () => this.jump(-10), l: () => this.jump(10),
      ArrowLeft: () => this.jump(-5), ArrowRight: () => this.jump(5),
      ArrowUp: () => volume(0.1), ArrowDown: () => volume(-0.1),
      m: () => { this.video.muted = !this.video.muted; }, c: () => this.setCaptions(!this.choices.captions),
      f: () => this.toggleFull(), '<': () => this.setSpeed(step(-1)), '>': () => this.setSpeed(step(1)),
    }[key.length === 1 ? key.toLowerCase() : key];
  }
}
