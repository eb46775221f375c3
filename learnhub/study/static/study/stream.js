/* Puts an HLS stream into a <video>: hls.js where the browser needs it, the browser's own player where it has one. */

const POOR_LINE = { startLevel: 0, abrEwmaDefaultEstimate: 300000, capLevelToPlayerSize: true, maxBufferLength: 60 };
const RETRY_MS = 4000;

/** A stream that can change between quality levels and sound only. `told(name)` hears: levels, trouble, failed. */
export class Stream {
  constructor(video, data, told) {
    this.video = video;
    this.data = data;
    this.told = told;
    this.hls = null;
    this.choice = 'auto';
    const { Hls } = window;
    if (Hls && Hls.isSupported()) this.library = Hls;
    this.isPlayable = Boolean(this.library) || video.canPlayType('application/vnd.apple.mpegurl') !== '';
  }

  /** Load the playlist and go to `start` seconds. */
  load(start, address = this.data.main) {
    if (!this.library) {
      this.video.src = address;
      this.video.addEventListener('loadedmetadata', () => { this.video.currentTime = start; }, { once: true });
      return;
    }
    if (this.hls) this.hls.destroy();
    this.hls = new this.library({ ...POOR_LINE, startPosition: start });
    const events = this.library.Events;
    this.hls.on(events.MANIFEST_PARSED, () => this.told('levels'));
    this.hls.on(events.ERROR, (name, problem) => this.mend(problem));
    this.hls.loadSource(address);
    this.hls.attachMedia(this.video);
  }

  mend(problem) {
    if (!problem.fatal) return;
    const kinds = this.library.ErrorTypes;
    if (problem.type === kinds.MEDIA_ERROR) {
      this.hls.recoverMediaError();
    } else if (problem.type === kinds.NETWORK_ERROR && !(problem.response && problem.response.code === 403)) {
      this.told('trouble');
      setTimeout(() => this.hls && this.load(this.video.currentTime), RETRY_MS);
    } else {
      this.told('failed');
    }
  }

  /** The heights on offer, lowest first; empty where the browser decides. */
  heights() {
    return this.hls ? this.hls.levels.map((level) => level.height).filter(Boolean) : [];
  }

  /** `auto`, `saver` (lowest height), `sound`, or a height. */
  choose(choice) {
    const before = this.choice;
    this.choice = choice;
    if (choice === 'sound' || before === 'sound') {
      this.swap(choice === 'sound' ? this.data.audio : this.data.main);
    }
    if (this.hls && choice !== 'sound') this.settle();
  }

  settle() {
    const heights = this.hls.levels.map((level) => level.height);
    this.hls.autoLevelCapping = this.choice === 'saver' ? 0 : -1;
    this.hls.nextLevel = this.choice === 'auto' || this.choice === 'saver' ? -1 : heights.indexOf(Number(this.choice));
  }

  swap(address) {
    const { currentTime, paused, playbackRate } = this.video;
    this.load(currentTime, address);
    this.video.addEventListener('loadedmetadata', () => {
      this.video.playbackRate = playbackRate;
      if (!paused) this.video.play();
    }, { once: true });
  }
}
