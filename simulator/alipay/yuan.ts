export const MAX_FEN = 10_000_000_000; // 100000000.00 yuan, the largest amount that Alipay takes.

/** 1234 → "12.34". By string: a float would turn 0.29 × 100 into 28.999…. */
export function yuan(fen: number): string {
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** "12.34" → 1234. Undefined for what Alipay refuses: a third decimal, a sign, an exponent, nothing, or too much. */
export function fen(text: string): number | undefined {
  const match = /^(0|[1-9]\d{0,8})(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', decimals = ''] = match;
  const amount = Number(whole + decimals.padEnd(2, '0'));
  return amount >= 1 && amount <= MAX_FEN ? amount : undefined;
}
