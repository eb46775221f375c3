/* Sends files by tus: several at once, with pause; when the line breaks it goes on by itself, also on another day. */
const MOST_AT_ONCE = 3;
const PIECE = 8 * 1024 * 1024;
const AGAIN_MS = [1000, 1000, 2000, 4000, 8000, 15000];
const box = document.querySelector('[data-upload]');
const words = JSON.parse(box.querySelector('.upload-words').textContent);
const list = box.querySelector('.uploads');
const input = box.querySelector('input[type="file"]');
const lines = [];

function say(name, values = {}) {
  return words[name].replace(/%\((\w+)\)s/g, (_, key) => values[key]).replace('%%', '%');
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function size(bytes) {
  const steps = ['B', 'kB', 'MB', 'GB'];
  let at = 0;
  while (bytes >= 999.5 && at < 3) {
    bytes /= 1000;
    at += 1;
  }
  return `${bytes.toFixed(bytes < 10 && at ? 1 : 0)} ${steps[at]}`;
}

function time(seconds) {
  if (seconds < 90) return say('seconds', { n: Math.ceil(seconds) });
  return seconds < 5400 ? say('minutes', { n: Math.round(seconds / 60) }) : say('hours', { n: (seconds / 3600).toFixed(1) });
}

/** One file: its line on the page and its way to the server. state: waiting, sending, broken, paused, arrived, failed. */
class Line {
  constructor(file, unit) {
    this.file = file;
    this.state = 'waiting';
    this.sent = 0;
    this.tries = 0;
    this.marks = [];
    this.draw();
    this.upload = new window.tus.Upload(file, {
      endpoint: box.dataset.upload,
      chunkSize: PIECE,
      retryDelays: null, // this script tries again by itself, without end
      removeFingerprintOnSuccess: true,
      headers: { Accept: 'application/json' },
      metadata: { filename: file.name, ...(unit ? { unit } : {}) },
      onProgress: (sent) => this.progress(sent),
      onSuccess: () => this.arrived(),
      onError: (error) => this.failed(error),
    });
  }

  draw() {
    this.row = element('li', 'upload-row');
    const line = element('div', 'upload-line');
    const what = element('div', 'upload-what');
    this.bar = document.createElement('progress');
    this.bar.max = 1000;
    this.bar.value = 0;
    this.bar.setAttribute('aria-label', this.file.name);
    this.status = element('span', 'upload-status', say('waiting'));
    what.append(element('span', 'upload-name', this.file.name), ` ${size(this.file.size)}`, this.bar, this.status);
    this.toggle = element('button', 'button plain', say('pause'));
    this.remove = element('button', 'button quiet', say('remove'));
    for (const button of [this.toggle, this.remove]) {
      button.type = 'button';
      button.setAttribute('aria-label', `${button.textContent}: ${this.file.name}`);
    }
    this.toggle.addEventListener('click', () => (this.isGoing() ? this.pause() : this.go()));
    this.remove.addEventListener('click', () => this.giveUp());
    line.append(what, this.toggle, this.remove);
    this.row.append(line);
    list.append(this.row);
  }

  isGoing() {
    return ['waiting', 'sending', 'broken'].includes(this.state);
  }

  percent() {
    return Math.floor((100 * this.sent) / this.file.size) || 0;
  }

  tell(state, text, kind = '') {
    this.state = state;
    this.row.dataset.state = state;
    this.row.className = `upload-row ${kind}`;
    this.status.textContent = text;
    this.toggle.hidden = ['arrived', 'refused'].includes(state);
    this.toggle.textContent = this.isGoing() ? say('pause') : say('resume');
    this.toggle.setAttribute('aria-label', `${this.toggle.textContent}: ${this.file.name}`);
  }

  async go() {
    this.marks = [];
    this.tell('sending', this.state === 'broken' ? this.status.textContent : ''); // until bytes move again
    if (!this.upload.url) {
      const before = await this.upload.findPreviousUploads();
      if (before.length) this.upload.resumeFromPreviousUpload(before[before.length - 1]);
    }
    if (this.state === 'sending') this.upload.start();
  }

  pause() {
    clearTimeout(this.timer);
    this.tell('paused', say('paused', { percent: this.percent() }));
    this.upload.abort();
    next();
  }

  progress(sent) {
    if (this.state !== 'sending') return;
    this.tries = 0;
    this.sent = sent;
    this.bar.value = (1000 * sent) / this.file.size;
    const now = Date.now();
    this.marks = [...this.marks.filter((mark) => now - mark[0] < 10000), [now, sent]];
    const [then, first] = this.marks[0];
    const speed = now > then ? (1000 * (sent - first)) / (now - then) : 0;
    const left = speed ? time((this.file.size - sent) / speed) : '…';
    this.status.textContent = say('sending', { percent: this.percent(), speed: size(speed), left });
  }

  failed(error) {
    if (this.state !== 'sending') return;
    const response = error.originalResponse;
    const status = response ? response.getStatus() : 0;
    if (status === 401) {
      this.tell('paused', say('sign_in'), 'bad');
    } else if (status >= 400 && status < 500 && ![409, 423, 460].includes(status)) {
      this.refuse(response);
    } else if (status === 409 && this.messageOf(response).code === 'upload.quota') {
      this.refuse(response);
    } else {
      const full = status === 503 ? this.messageOf(response).message : '';
      this.tell('broken', full || say('broken', { percent: this.percent() }), full ? 'bad' : '');
      this.timer = setTimeout(() => this.go(), AGAIN_MS[Math.min(this.tries, AGAIN_MS.length - 1)]);
      this.tries += 1;
    }
    next();
  }

  messageOf(response) {
    try {
      return JSON.parse(response.getBody()).error;
    } catch (wrong) {
      return { code: '', message: String(response.getStatus()) };
    }
  }

  refuse(response) {
    const told = this.messageOf(response);
    if (told.code === 'upload.not_found') this.upload.url = null;
    this.tell('failed', told.message, 'bad');
  }

  arrived() {
    this.sent = this.file.size;
    this.bar.value = 1000;
    this.id = this.upload.url.split('/').pop();
    this.tell('arrived', say('arrived'), 'good');
    const link = element('a', 'button plain', say('open'));
    link.href = box.dataset.page + this.id;
    this.remove.replaceWith(link);
    next();
    watch();
    renewList();
  }

  async giveUp() {
    clearTimeout(this.timer);
    const url = this.upload.url;
    this.tell('removed', '');
    await this.upload.abort(true).catch(() => url); // what cannot be reached now expires by itself
    lines.splice(lines.indexOf(this), 1);
    this.row.remove();
    next();
  }
}

function next() {
  const going = lines.filter((line) => ['sending', 'broken'].includes(line.state)).length;
  for (const line of lines.filter((one) => one.state === 'waiting').slice(0, Math.max(0, MOST_AT_ONCE - going))) line.go();
}

function take(files) {
  const unit = box.querySelector('[name="unit"]');
  for (const file of files) lines.push(new Line(file, unit ? unit.value : ''));
  next();
}

let watching = null;

/** Ask how far the server is with what has arrived, until all is ready or refused. */
function watch() {
  clearTimeout(watching);
  watching = setTimeout(async () => {
    const open = lines.filter((line) => line.id && !line.settled);
    if (!open.length) return;
    try {
      const ids = open.map((line) => line.id).join(',');
      const response = await fetch(`${box.dataset.states}?ids=${ids}`, { headers: { Accept: 'application/json' } });
      const told = (await response.json()).media || [];
      for (const one of told) {
        const line = open.find((other) => other.id === String(one.id));
        const share = one.share ? ` ${Math.floor(one.share * 100)} %` : '';
        line.settled = ['ready', 'refused', 'withdrawn', 'expired'].includes(one.stage);
        line.tell('arrived', one.reason || one.words + share, one.kind);
      }
      if (open.some((line) => line.settled)) renewList();
    } catch (error) {
      watching = null; // the line broke: ask again later
    }
    watch();
  }, 2000);
}

/** The list below shows what has arrived since, unless somebody is in the middle of it by keyboard. */
async function renewList() {
  const part = '[aria-labelledby="media"]';
  const shown = document.querySelector(part);
  try {
    const text = await (await fetch(window.location.href, { headers: { Accept: 'text/html' } })).text();
    const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector(part);
    if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
  } catch (error) {
    // The line broke: the next file that arrives renews it.
  }
}

box.classList.add('live');
box.querySelector('form button[type="submit"]').hidden = true;
box.querySelector('label[for="f-file"]').textContent = say('drop');
input.addEventListener('change', () => {
  take(input.files);
  input.value = '';
});
for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  box.addEventListener(name, (event) => {
    event.preventDefault();
    box.classList.toggle('over', name === 'dragenter' || name === 'dragover');
    if (name === 'drop') take(event.dataTransfer.files);
  });
}
window.addEventListener('online', () => {
  for (const line of lines.filter((one) => one.state === 'broken')) {
    clearTimeout(line.timer);
    line.go();
  }
});
window.addEventListener('beforeunload', (event) => {
  if (lines.some((line) => line.isGoing())) event.preventDefault();
});
