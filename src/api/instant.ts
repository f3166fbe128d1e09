const date = String.raw`(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?`;
// A plus sign that was not encoded arrives as the space that it means in a query.
const zone = String.raw`(?:[Zz]|[-+ ](?:[01]\d|2[0-3]):[0-5]\d)`;
const form = new RegExp(`^${date}(?:[Tt]${time}${zone})?$`);

/** Nothing of ours is older or will be younger, and PostgreSQL reads every one between them. */
const earliestMs = 0;
const latestMs = Date.UTC(9999, 11, 31);

/**
 * A moment of a query: RFC 3339, or a day, which begins at midnight UTC. Null where it is neither.
 * Counted in milliseconds, as answers are.
 */
export function parseInstant(text: string): Date | null {
  const day = form.exec(text)?.[1];
  // The 30th of February would silently become the 2nd of March.
  if (day === undefined || !isDay(day)) return null;
  const ms = Date.parse(text.replace(' ', '+').toUpperCase());
  return ms >= earliestMs && ms <= latestMs ? new Date(ms) : null;
}

function isDay(day: string): boolean {
  return new Date(Date.parse(`${day}T00:00:00Z`)).toISOString().startsWith(day);
}

export const instantFault = 'is not a time like 2026-01-31T12:00:00Z, nor a day like 2026-01-31';
