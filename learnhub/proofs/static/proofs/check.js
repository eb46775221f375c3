// Checks a signed proof in the browser (tweetnacl): works without a network once the page is open, and without https.
const data = JSON.parse(document.getElementById('check-data').textContent);
const form = document.getElementById('check-form');
const field = form.querySelector('textarea');
const answer = document.getElementById('check-answer');
const table = document.getElementById('check-rows');

function bytesOf(text) {
  const padded = text.replace(/-/g, '+').replace(/_/g, '/') + '='.repeat((4 - (text.length % 4)) % 4);
  return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
}

function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

// The statement inside the text, or the word of what is wrong with it.
function read(text) {
  const joined = text.replace(/\s+/g, '');
  const token = joined.slice(Math.max(0, joined.lastIndexOf('LH1.')));
  const parts = token.split('.');
  if (parts.length !== 3 || parts[0] !== 'LH1') return { problem: 'shape' };
  try {
    const values = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(parts[1])));
    const key = data.keys[values[0]];
    if (!key) return { problem: 'other' };
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    if (!window.nacl.sign.detached.verify(signed, bytesOf(parts[2]), fromHex(key.public))) return { problem: 'forged' };
    if (key.until && values[values.length - 1] > key.until) return { problem: 'retired', day: key.until };
    return { values: values.slice(1) };
  } catch (error) {
    return { problem: 'forged' };
  }
}

function say(kind, text) {
  answer.className = `notice notice-${kind}`;
  answer.hidden = false;
  answer.textContent = text;
}

function list(values) {
  const [, person, unit, , title, centihours, year, rule, issued] = values;
  const hours = data.words.hours.replace('{hours}', String(centihours / 100));
  table.textContent = '';
  [person, unit, title, hours, String(year), rule, issued].forEach((value, place) => {
    const name = document.createElement('dt');
    const said = document.createElement('dd');
    name.textContent = data.labels[place];
    said.textContent = value;
    table.append(name, said);
  });
  table.hidden = false;
}

async function judge() {
  table.hidden = true;
  const found = read(field.value);
  if (found.problem) {
    say('error', data.words[found.problem].replace('{day}', found.day));
    return;
  }
  list(found.values);
  try {
    const answered = await fetch(data.revoked, { cache: 'no-store' });
    const { revoked } = await answered.json();
    const one = revoked.find((entry) => entry.serial === found.values[0]);
    if (one) say('error', data.words.revoked.replace('{day}', one.day));
    else say('success', data.words.genuine);
  } catch (error) {
    say('warning', data.words.unknown);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  judge();
});

function fromAddress() {
  if (window.location.hash.length > 1) {
    field.value = decodeURIComponent(window.location.hash.slice(1));
    judge();
  }
}
window.addEventListener('hashchange', fromAddress);
fromAddress();
