const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BASE_36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/**
 * What the statements of a fill have in common, as functions that live as long as their connection. All of them give the same for the
 * same, and each is one expression, so that PostgreSQL writes it out where it is called.
 */
export const FUNCTIONS = `
-- The k-th throw of a die for the n-th order: evenly from 0 up to, but without, 1.
CREATE FUNCTION pg_temp.chance(n bigint, k bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
  RETURN (hashint8extended(n, k) & 1073741823)::float8 / 1073741824;

-- A UUIDv7 (RFC 9562) of an instant. What it is of tells it from the others of the same order.
CREATE FUNCTION pg_temp.id7(at timestamptz, n bigint, what text) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN overlay(overlay(md5(n || what) PLACING lpad(to_hex((1000 * date_part('epoch', at))::bigint), 12, '0') || '7' FROM 1 FOR 13)
                 PLACING 'a' FROM 17 FOR 1)::uuid;

-- 60 bits in Crockford's base 32.
CREATE FUNCTION pg_temp.base32(bits bigint) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN ${digits((power) => `(bits >> ${5 * power} & 31)::int`, CROCKFORD)};

-- Twelve digits in base 36: more than a bigint holds are put together.
CREATE FUNCTION pg_temp.base36(value bigint) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN ${digits((power) => `(value / ${36n ** BigInt(power)} % 36)::int`, BASE_36)};
`;

/** Twelve digits of a value, the highest first. */
function digits(digit: (power: number) => string, alphabet: string): string {
  return Array.from({ length: 12 }, (_, index) => `substr('${alphabet}', 1 + ${digit(11 - index)}, 1)`).join(' || ');
}
