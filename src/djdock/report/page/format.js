"use strict";

/** As Python's format has it: a number that lies in the middle goes to the even neighbour. */
function fixed(number, digits) {
  const doubled = number * 10 ** digits * 2;
  const middle = Number.isInteger(number * 8) && Number.isInteger(doubled) && doubled % 2 !== 0;
  if (!middle) return number.toFixed(digits);
  const below = Math.floor(doubled / 2);
  return ((below % 2 === 0 ? below : below + 1) / 10 ** digits).toFixed(digits);
}

function threeDigits(number) {
  const large = Math.abs(number);
  return fixed(number, large < 9.995 ? 2 : large < 99.95 ? 1 : 0);
}

/** A size as `docker image ls` and djdock write it: decimal units, three significant digits. */
function human(bytes) {
  let number = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (Math.abs(number) < 999.5) {
      return unit === "B" ? `${fixed(number, 0)} B` : `${threeDigits(number)} ${unit}`;
    }
    number /= 1000;
  }
  return `${threeDigits(number)} TB`;
}

/** A difference of sizes, with its sign. */
function signed(bytes) {
  return `${bytes < 0 ? "\u2212" : "+"}${human(Math.abs(bytes))}`;
}

/** 7124 as 7,124. */
function count(number) {
  return number.toLocaleString("en-US");
}

/** "1 file", "7,124 files". */
function counted(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A share from 0 to 1, with one digit behind the point. */
function percent(share) {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  return `${fixed(share * 100, 1)} %`;
}

/** A share from 0 to 1 with two digits, rounded down: what is not all is not 100 %. */
function roundedDown(share) {
  return `${(Math.floor(share * 10000) / 100).toFixed(2)} %`;
}

/** How many times smaller: rounded down, since 5.996 is not the 6.00 that somebody asked for. */
function times(large, small) {
  return (Math.floor((large * 100) / small) / 100).toFixed(2);
}

/** A measurement in its unit. */
function measured(number, unit) {
  if (unit === "B") return human(number);
  return unit === "s" ? `${fixed(number, 2)} s` : `${fixed(number, 0)} /s`;
}
