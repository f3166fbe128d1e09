import canonicalize from 'canonicalize';
import { containsCardNumber } from './card-number.ts';

export type ParsedMetadata =
  /** RFC 8785, so that equal metadata is equal text. */
  | { readonly kind: 'canonical'; readonly text: string }
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'card_number' };

export const metadataBytesMax = 4096;
export const metadataDepthMax = 5;

export function parseMetadata(metadata: Readonly<Record<string, unknown>>): ParsedMetadata {
  // First: what comes after recurses.
  if (!isShallow(metadata))
    return { kind: 'invalid', reason: `must not nest deeper than ${metadataDepthMax}` };
  if (!hasFiniteNumbers(metadata))
    return { kind: 'invalid', reason: 'contains a number that is too large' };
  const text = canonicalize(metadata) ?? '{}';
  if (Buffer.byteLength(text) > metadataBytesMax)
    return { kind: 'invalid', reason: `must not exceed ${metadataBytesMax} bytes` };
  return hasCardNumber(metadata) ? { kind: 'card_number' } : { kind: 'canonical', text };
}

function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === metadataDepthMax) return false;
  return Object.values(value).every((member) => isShallow(member, depth + 1));
}

/** In a text, a number or a name; in the JSON a tab between two groups would be two characters. */
function hasCardNumber(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'number')
    return containsCardNumber(String(value));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, member]) => containsCardNumber(name) || hasCardNumber(member),
  );
}

/** `1e999` parses to Infinity, which JSON cannot say. */
function hasFiniteNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(hasFiniteNumbers);
}
