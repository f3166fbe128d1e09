import type { Database } from '../db/database.ts';
import { leaseMsOf } from './deliver-options.ts';
import type { EndpointParts } from './endpoints.ts';
import { type Guard, openGuard, type ResolveName } from './guard.ts';
import { openSeal, type Seal } from './seal.ts';

/** The settings that both halves need: who makes endpoints, and who sends to them. */
export interface WebhookSettings {
  readonly WEBHOOK_ENCRYPTION_KEY: string;
  readonly WEBHOOK_ENCRYPTION_KEY_PREVIOUS: string;
  readonly WEBHOOK_TIMEOUT_SECONDS: number;
  readonly WEBHOOK_PORTS: readonly number[];
  readonly WEBHOOK_ALLOW_HTTP: boolean;
  readonly WEBHOOK_ALLOW_LOOPBACK: boolean;
}

/** What endpoints are made with, and what their log is read with. */
export interface WebhookDesk extends EndpointParts {
  readonly guard: Guard;
  readonly seal: Seal;
  /** Of a claimed delivery: what is due sooner may be under way. */
  readonly leaseMs: number;
}

export function openWebhookDesk(
  settings: WebhookSettings,
  database: Pick<Database, 'transaction'>,
  resolveName: ResolveName,
): WebhookDesk {
  return {
    database,
    guard: openGuard(
      {
        allowHttp: settings.WEBHOOK_ALLOW_HTTP,
        allowLoopback: settings.WEBHOOK_ALLOW_LOOPBACK,
        ports: settings.WEBHOOK_PORTS,
      },
      resolveName,
    ),
    seal: openSeal({
      key: settings.WEBHOOK_ENCRYPTION_KEY,
      previousKey: settings.WEBHOOK_ENCRYPTION_KEY_PREVIOUS,
    }),
    leaseMs: leaseMsOf(settings.WEBHOOK_TIMEOUT_SECONDS * 1000),
  };
}
