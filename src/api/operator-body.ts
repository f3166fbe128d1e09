import { Type } from 'typebox';
import type { ErrorCode } from './errors.ts';

/** Why an operator did it: kept in the audit log. */
export const NoteSchema = Type.String({ minLength: 1, maxLength: 1000, pattern: '\\S' });

/** What a route that takes an operator's body may say beside the guards. */
export const operatorBodyCodes = [
  'forbidden',
  'validation_failed',
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];
