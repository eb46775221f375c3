/* Puts an HLS stream into a <video> and keeps it going: over poor and broken lines, past the end of an address. */

const POOR_LINE = {
  startLevel: 0, abrEwmaDefaultEstimate: 300000, capLevelToPlayerSize: true, maxBufferLength: 60, backBufferLength: 90,
};
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10000;
const MOST_RENEWALS = 2; // without a piece of the recording in between
const MOST_MENDINGS = 3;
const OVER = [401, 403, 410]; // the address has expired or is no longer this person's

/**
 * A stream that can change between heights, sound languages and sound only.
 * `told(name)` hears: `levels`, `languages`; `flowing` (data comes); and what is the matter: `offline`, `server`,
 * `signed_out`, `gone`, `failed`. Only the last three are the end; the others are tried again until the line is back.
 */
export class Stream {
  constructor(video, data, told) {
    Object.assign(this, { video, data, told, hls: null, choice: 'auto', language: null, problems: 0 });
    const { Hls } = window;
    if (Hls && Hls.isSupported()) this.library = Hls;
    this.isPlayable = Boolean(this.library) || video.canPlayType('application/vnd.apple.mpegurl') !== '';
    this.calm();
    addEventListener('online', () => this.isBroken && this.tryAgain());
  }

  calm() {
    this.waitMs = FIRST_WAIT_MS;
    this.renewals = 0;
    this.mendings = 0;
    this.isBroken = false;
  }

  /** The address of what is chosen: everything, or the sound alone. */
  get address() {
    return this.choice === 'sound' && this.data.audio ? this.data.audio : this.data.main;
  }

  /** Load the playlist and go to `start` seconds. */
  load(start) {
    clearTimeout(this.timer);
    if (!this.library) {
      this.video.src = this.address;
      this.video.addEventListener('loadedmetadata', () => { this.video.currentTime = start; }, { once: true });
      return;
    }
    if (this.hls) this.hls.destroy();
    this.hls = new this.library({ ...POOR_LINE, startPosition: start });
    const events = this.library.Events;
    this.hls.on(events.MANIFEST_PARSED, () => { this.settle(); this.told('levels'); });
    this.hls.on(events.AUDIO_TRACKS_UPDATED, () => { this.speak(this.language); this.told('languages'); });
    this.hls.on(events.FRAG_LOADED, () => { this.calm(); this.told('flowing'); });
    this.hls.on(events.ERROR, (name, problem) => this.heed(problem));
    this.hls.loadSource(this.address);
    this.hls.attachMedia(this.video);
  }

  heed(problem) {
    const kinds = this.library.ErrorTypes;
    if (problem.type !== kinds.NETWORK_ERROR) {
      if (problem.fatal) this.problems += 1;
      if (problem.fatal) this.mend(problem.type === kinds.MEDIA_ERROR);
      return;
    }
    const status = (problem.response && problem.response.code) || 0;
    if (OVER.includes(status)) {
      if (problem.fatal) this.renew();
      return;
    }
    this.isBroken = true;
    // Without an answer of any kind it is what follows from an earlier problem, or merely slow.
    if (problem.response) this.told(status >= 400 ? 'server' : 'offline');
    if (problem.fatal) this.later();
  }

  mend(isMedia) {
    this.mendings += 1;
    if (!isMedia || this.mendings > MOST_MENDINGS) this.told('failed');
    else this.hls.recoverMediaError();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tryAgain(), this.waitMs);
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
  }

  /** Go on loading after the line broke; what is loaded already stays and plays on meanwhile. */
  tryAgain() {
    clearTimeout(this.timer);
    if (!this.library || !this.hls) return;
    if (this.hls.levels.length && this.video.readyState > 0) this.hls.startLoad(this.video.currentTime);
    else this.reload();
  }

  /** Ask for a fresh address and go on at the same second. */
  async renew() {
    clearTimeout(this.timer);
    this.renewals += 1;
    if (this.renewals > MOST_RENEWALS || !this.data.fresh_url) {
      this.told('failed');
      return;
    }
    try {
      const answer = await fetch(this.data.fresh_url, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      if (answer.status >= 500) throw new Error(String(answer.status));
      if (!answer.ok) {
        this.told(answer.status === 404 ? 'gone' : 'signed_out');
        return;
      }
      Object.assign(this.data, await answer.json());
      this.reload();
    } catch (error) {
      this.renewals -= 1;
      this.isBroken = true;
      this.told('offline');
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.renew(), this.waitMs);
      this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
    }
  }

  /** Load anew at the same second; what was playing goes on playing. */
  reload() {
    const { video } = this;
    const { playbackRate } = video;
    // Until the new stream is there the element says 0 s and paused: a second break meanwhile keeps what was before.
    this.before = this.before || { at: video.currentTime || this.data.start || 0, plays: !video.paused && !video.ended };
    const { before } = this;
    this.load(before.at);
    video.addEventListener('loadedmetadata', () => {
      video.playbackRate = playbackRate;
      this.before = null;
      if (before.plays) video.play().catch(() => {});
    }, { once: true });
  }

  /** Heights on offer, lowest first, as `[height, bit/s]`; empty where the browser decides. */
  heights() {
    return this.hls ? this.hls.levels.filter((level) => level.height).map((level) => [level.height, level.averageBitrate || level.bitrate]) : [];
  }

  /** Languages of the sound as `[tag, name]`. */
  languages() {
    return this.hls ? this.hls.audioTracks.map((track) => [track.lang || track.name, track.name]) : [];
  }

  /** Choose a language of the sound; an unknown one leaves what is. */
  speak(language) {
    this.language = language;
    if (!this.hls) return;
    const place = this.hls.audioTracks.findIndex((track) => (track.lang || track.name) === language);
    if (place >= 0 && place !== this.hls.audioTrack) this.hls.audioTrack = place;
  }

  /** `auto`, `saver` (the lowest height), `sound`, or a height. */
  choose(choice) {
    const isOther = (choice === 'sound') !== (this.choice === 'sound');
    this.choice = choice;
    if (isOther && (this.hls || this.video.currentSrc)) this.reload();
    else if (this.hls) this.settle();
  }

  settle() {
    if (this.choice === 'sound' || !this.hls.levels.length) return;
    const place = this.hls.levels.findIndex((level) => level.height === Number(this.choice));
    this.hls.autoLevelCapping = this.choice === 'saver' ? 0 : -1;
    if (this.hls.media && this.hls.media.readyState > 0) this.hls.nextLevel = place;
    else this.hls.startLevel = Math.max(place, 0);
  }
}
