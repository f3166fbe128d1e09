import type { Value } from './database.ts';

/**
 * A value as PostgreSQL reads it in text form. Arrays become array literals here because a group's
 * rows travel as one array per column, and the driver's own serialiser quotes every element.
 */
export function literal(value: Value): string | number | boolean | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  let text = '{';
  for (let index = 0; index < value.length; index += 1) {
    if (index > 0) text += ',';
    text += element(value[index] ?? null);
  }
  return `${text}}`;
}

type Scalar = string | number | bigint | boolean | Date | null;

/** What needs no quotes inside an array literal: ids, numbers, status words. */
const plain = /^[\w.:+-]+$/;

/** The one plain word that means something else there, in any case. */
const isNullWord = (value: string): boolean => value.length === 4 && /^null$/i.test(value);

function element(value: Scalar): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string')
    return plain.test(value) && !isNullWord(value)
      ? value
      : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
