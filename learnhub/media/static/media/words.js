/* Small pieces that scripts about recordings share: sentences with names in braces, times, what is kept on this machine. */

/** "{percent} %" with its names replaced. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** 65 → "1:05". */
export function timecode(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, '0');
  const rest = `${Math.floor(whole / 60) % 60}`;
  return whole < 3600 ? `${rest}:${two(whole % 60)}` : `${Math.floor(whole / 3600)}:${two(rest)}:${two(whole % 60)}`;
}

/** What was kept under a name, or null; storage may be switched off. */
export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch (error) {
    return null;
  }
}

/** Keep something under a name as long as this machine likes; null takes it away. False when storage is full or off. */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch (error) {
    return false;
  }
}
