/* Tells the server what was seen, and keeps it on this machine until the server says that it is durable. */
import { token as csrf } from '../design/page.js';
import { drop, everything, keep } from './kept.js';
import { union, without } from './spans.js';

const KEEP_MS = 3 * 24 * 3600 * 1000; // as long as the server takes a viewing's reports
const MOST_PIECES = 250;
const TIMEOUT_MS = 20000;
const MOST_SENT = 60; // reports remembered until the server calls one of them durable
const WRITTEN_MS = 2000; // by then the server has written what it took
const TRIES = 3;

async function post(address, body, headers = {}) {
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), TIMEOUT_MS);
  try {
    return await fetch(address, {
      method: 'POST', body: JSON.stringify(body), signal: given.signal, credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Reports of one page. `told(name, answer)` hears: opened, answer, elsewhere, offline, online, signed_out. */
export class Reporter {
  constructor(data, told) {
    this.data = data;
    this.told = told;
    this.pending = [];
    this.sent = new Map(); // seq -> the report, until it is durable
    this.position = data.position_ms;
    this.sentPosition = data.position_ms;
    this.seq = 0;
    this.viewing = null;
    this.isLive = false;
    this.isOffline = false;
    this.busy = false;
    this.again = false;
    this.isClaiming = false;
    this.nextS = 10;
    addEventListener('pagehide', () => this.leave());
    addEventListener('online', () => this.send());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.leave();
    });
    this.handIn(data.beat_url);
  }

  /** Open a viewing; what was open elsewhere ends. */
  async open() {
    if (this.busy) return;
    this.busy = true;
    try {
      const response = await post(this.data.open_url, {}, { 'X-CSRFToken': csrf() });
      if (response.status === 401 || response.status === 400) this.told('signed_out');
      if (!response.ok) throw new Error(String(response.status));
      const opened = await response.json();
      this.forget();
      this.token = opened.token;
      this.viewing = opened.viewing_id;
      this.nextS = opened.next_s;
      this.seq = 0;
      this.sent.clear();
      this.isLive = true;
      this.line(true);
      this.keep();
      this.told('opened', opened);
    } catch (error) {
      this.line(false);
    }
    this.busy = false;
    this.plan();
    this.sendAgain();
  }

  /** The person begins or goes on here: if a lesson was opened elsewhere meanwhile, this page takes over again. */
  claim() {
    if (!this.isLive) {
      this.open();
      return;
    }
    this.isClaiming = true;
    this.send();
  }

  /** A part that was on screen, in milliseconds, and where the person is now. */
  add(from, to, position) {
    this.pending = union(this.pending, [[Math.max(0, Math.round(from)), Math.max(0, Math.round(to))]]);
    this.position = Math.max(0, Math.round(position));
    this.keep();
    if (this.viewing === null && !this.timer) this.plan();
  }

  /** Send what is not yet durable; does nothing when there is nothing to say. */
  async send() {
    if (this.busy) {
      this.again = true;
      return;
    }
    if (this.viewing === null) {
      if (this.pending.length) await this.open();
      return;
    }
    if (!this.isLive || (!this.isClaiming && !this.pending.length && this.position === this.sentPosition)) return;
    this.busy = true;
    const sent = this.body();
    try {
      const response = await post(this.data.beat_url, sent);
      if (response.status >= 500) throw new Error(String(response.status));
      this.line(true);
      if (response.ok) this.heed(await response.json());
      else if (response.status === 403 || response.status === 404) this.viewing = null; // too old: open another
      else this.pending = []; // it can never be taken; the next ones can
    } catch (error) {
      this.line(false);
    }
    this.busy = false;
    this.keep();
    this.plan();
    this.sendAgain();
  }

  /** Something wanted to be sent while another report was under way. */
  sendAgain() {
    if (!this.again) return;
    this.again = false;
    if (this.viewing !== null && !this.isLive) this.open();
    else this.send();
  }

  /** Numbers are even: the odd one after it is for the page that hands in what this one kept. */
  body() {
    this.seq += 2;
    const report = {
      token: this.token, seq: this.seq, seen: this.pending.slice(0, MOST_PIECES), position_ms: this.position,
    };
    this.sent.set(this.seq, report);
    if (this.sent.size > MOST_SENT) this.sent.delete(this.sent.keys().next().value);
    return report;
  }

  /** The server writes a moment after it answers: what is durable is as a rule an earlier report than this one. */
  heed(answer) {
    this.nextS = answer.next_s;
    const durable = this.sent.get(answer.durable);
    if (durable) {
      this.pending = without(this.pending, durable.seen);
      this.sentPosition = durable.position_ms;
      for (const seq of [...this.sent.keys()]) if (seq <= durable.seq) this.sent.delete(seq);
    }
    this.told('answer', answer);
    const isClaimed = this.isClaiming;
    this.isClaiming = false;
    if (answer.state === 'live') return;
    this.isLive = false;
    this.forget();
    if (isClaimed) this.again = true;
    else this.told('elsewhere', answer);
  }

  line(works) {
    if (works === !this.isOffline) return;
    this.isOffline = !works;
    this.told(works ? 'online' : 'offline');
  }

  plan() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.timer = 0; this.send().then(() => this.timer || this.plan()); }, this.nextS * 1000);
  }

  /** The page may not come back: hand in what there is without waiting for an answer. */
  leave() {
    if (this.viewing === null || !this.isLive || !this.pending.length || !navigator.sendBeacon) return;
    navigator.sendBeacon(this.data.beat_url, new Blob([JSON.stringify(this.body())], { type: 'application/json' }));
    this.keep();
  }

  keep() {
    if (this.viewing === null) return;
    if (!this.pending.length || !this.isLive) this.forget();
    else {
      keep({
        viewing: this.viewing, token: this.token, seq: this.seq + 1, seen: this.pending.slice(0, MOST_PIECES),
        position_ms: this.position, at: Date.now(),
      });
    }
  }

  forget() {
    if (this.viewing !== null) drop(this.viewing);
  }

  /** Hand in what earlier pages in this browser could not: the tokens say whose it is. */
  async handIn(address) {
    for (const { viewing, ...left } of await everything()) {
      if (await this.isSettled(address, left) && viewing !== this.viewing) await drop(viewing);
    }
  }

  /** Whether there is nothing more to hand in of a report that was kept: durable, too old, refused or of an ended viewing. */
  async isSettled(address, { at, ...report }) {
    if (Date.now() - at > KEEP_MS) return true;
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        const response = await post(address, report);
        if (response.status >= 500) return false;
        if (!response.ok) return true;
        const answer = await response.json();
        if (answer.durable === report.seq || answer.state !== 'live') return true;
      } catch (error) {
        return false; // no line: another page will
      }
      await new Promise((done) => { setTimeout(done, WRITTEN_MS); });
    }
    return false;
  }
}
