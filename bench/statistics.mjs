export function median(numbers) {
  return quantile(numbers, 0.5);
}

export function quantile(numbers, part) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

/** The median of the ratios of each round. */
export function ratio(ours, theirs) {
  return median(ours.map((rate, round) => rate / theirs[round]));
}
