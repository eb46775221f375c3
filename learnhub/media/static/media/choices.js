/* What a person chose for the player: kept on this machine, shown in its fields, told to the stream and the captions. */
import { fill, keep, kept } from './words.js';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const SIZES = ['small', 'normal', 'large', 'huge'];
const LOOKS = ['dark', 'yellow', 'clear'];
const KEPT = 'learnhub.player';
const SECONDS = 3600;

/** The choices of one player; `on(name)` hears `captions` when another language is shown. */
export class Choices {
  constructor(box, video, stream, data, on) {
    Object.assign(this, { box, video, stream, data, on });
    const line = navigator.connection || {};
    this.chosen = {
      speed: 1, captions: true, captionLanguage: null, size: 'normal', look: 'dark', sound: null,
      quality: line.saveData ? 'saver' : 'auto', ...kept(KEPT),
    };
    this.fields = {};
    for (const field of box.querySelectorAll('[data-control]')) this.fields[field.dataset.control] = field;
    this.addCaptions();
    this.listen();
    stream.choice = this.offers().some(([value]) => value === this.chosen.quality) ? this.chosen.quality : 'auto';
    stream.language = this.chosen.sound;
    this.setSpeed(this.chosen.speed);
    this.setCaptions(this.chosen.captions, false);
    this.setLook('size', this.chosen.size, SIZES);
    this.setLook('look', this.chosen.look, LOOKS);
    this.drawSound();
  }

  listen() {
    const { fields } = this;
    fields.speed.addEventListener('change', () => this.setSpeed(Number(fields.speed.value)));
    fields.quality.addEventListener('change', () => this.setQuality(fields.quality.value));
    fields.listen.addEventListener('click', () => this.setQuality(this.stream.choice === 'sound' ? 'auto' : 'sound'));
    fields.captions.addEventListener('click', () => this.setCaptions(!this.chosen.captions));
    fields['caption-language'].addEventListener('change', () => {
      this.remember('captionLanguage', fields['caption-language'].value);
      this.setCaptions(true);
    });
    fields.size.addEventListener('change', () => this.setLook('size', fields.size.value, SIZES));
    fields.look.addEventListener('change', () => this.setLook('look', fields.look.value, LOOKS));
    fields.language.addEventListener('change', () => {
      this.remember('sound', fields.language.value);
      this.stream.speak(fields.language.value);
    });
    fields.settings.addEventListener('click', () => {
      const panel = this.box.querySelector('.player-settings');
      panel.hidden = !panel.hidden;
      fields.settings.setAttribute('aria-expanded', String(!panel.hidden));
    });
    this.video.addEventListener('loadedmetadata', () => { this.video.playbackRate = this.chosen.speed; });
  }

  addCaptions() {
    const { captions } = this.data;
    this.tracks = captions.map(([language, label, address]) => {
      const track = document.createElement('track');
      Object.assign(track, { kind: 'captions', srclang: language, label, src: address });
      this.video.append(track);
      this.fields['caption-language'].append(new Option(label, language));
      return track;
    });
    for (const name of ['captions', 'caption-language', 'size', 'look']) {
      (this.fields[name].closest('label') || this.fields[name]).hidden = captions.length === 0;
    }
    this.fields['caption-language'].closest('label').hidden = captions.length < 2;
  }

  /** Renew the addresses of the captions after the old ones have expired. */
  renewCaptions() {
    this.data.captions.forEach(([, , address], place) => {
      const track = this.tracks[place];
      if (track && track.readyState === HTMLTrackElement.ERROR) track.src = address;
    });
  }

  setSpeed(speed) {
    this.remember('speed', SPEEDS.includes(speed) ? speed : 1);
    this.video.playbackRate = this.chosen.speed;
    this.video.defaultPlaybackRate = this.chosen.speed;
    this.fields.speed.value = String(this.chosen.speed);
  }

  /** One step slower (-1) or faster (1). */
  stepSpeed(change) {
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(this.chosen.speed) + change))]);
  }

  setCaptions(isOn, isChosen = true) {
    if (isChosen) this.remember('captions', isOn);
    const wanted = this.tracks.find((track) => track.srclang === this.chosen.captionLanguage) || this.tracks[0];
    for (const track of this.tracks) {
      track.track.mode = track !== wanted ? 'disabled' : isOn ? 'showing' : 'hidden';
    }
    if (wanted) {
      this.fields['caption-language'].value = wanted.srclang;
      this.on('captions', wanted);
    }
    this.fields.captions.setAttribute('aria-pressed', String(isOn));
  }

  setLook(name, value, known) {
    const chosen = known.includes(value) ? value : known[0];
    this.remember(name, chosen);
    for (const one of known) this.box.classList.toggle(`captions-${one}`, one === chosen);
    this.fields[name].value = chosen;
  }

  offers() {
    const { words, kind, audio } = this.data;
    if (kind !== 'video') return [];
    const heights = this.stream.heights().map(([height, rate]) => {
      const megabytes = Math.round((rate * SECONDS) / 8e6);
      return [String(height), fill(words.height, { height, megabytes })];
    });
    return [['auto', words.auto], ['saver', words.saver], ...heights, ...(audio ? [['sound', words.sound]] : [])];
  }

  /** Fill the list of pictures once the stream has told its heights. */
  offerQuality() {
    if (this.stream.choice === 'sound' && this.fields.quality.options.length) return;
    const offers = this.offers();
    this.fields.quality.textContent = '';
    for (const [value, label] of offers) this.fields.quality.append(new Option(label, value));
    this.fields.quality.closest('label').hidden = offers.length < 2;
    const wanted = offers.some(([value]) => value === this.chosen.quality) ? this.chosen.quality : 'auto';
    if (wanted !== this.stream.choice) this.stream.choose(wanted);
    this.drawSound();
  }

  offerLanguages() {
    const offers = this.stream.languages();
    const field = this.fields.language;
    field.textContent = '';
    for (const [value, label] of offers) field.append(new Option(label, value));
    field.closest('label').hidden = offers.length < 2;
    const current = offers[this.stream.hls.audioTrack];
    field.value = offers.some(([value]) => value === this.chosen.sound) ? this.chosen.sound : (current || offers[0] || [''])[0];
  }

  setQuality(choice) {
    this.remember('quality', choice);
    if (choice !== this.stream.choice) this.stream.choose(choice);
    this.drawSound();
  }

  drawSound() {
    const isSound = this.stream.choice === 'sound';
    this.box.classList.toggle('is-sound', isSound);
    this.fields.quality.value = this.stream.choice;
    this.fields.listen.hidden = this.data.kind !== 'video' || !this.data.audio;
    this.fields.listen.setAttribute('aria-pressed', String(isSound));
  }

  remember(name, value) {
    this.chosen[name] = value;
    keep(KEPT, this.chosen);
  }
}
