import type { Check } from './audit-check.ts';

/** Whom we tell: nobody who asked is forgotten, and nothing is told of what did not happen. */
export const webhookChecks: readonly Check[] = [
  {
    // An event that commits beside a change of its endpoint may be on either side of it; no writing
    // transaction lasts over a second.
    name: 'every event has a delivery to each endpoint that asked for it',
    sql: `SELECT format('payment %s, version %s: none to endpoint %s', e.payment_id, e.version, w.id)
                 AS detail
            FROM webhook_endpoints w
            JOIN events e ON e.user_id = w.user_id
                 AND e.created_at > w.matches_since + interval '10 seconds'
            LEFT JOIN webhook_deliveries d
              ON d.id = webhook_delivery_id(e.payment_id, e.version, w.id, e.created_at)
           WHERE w.state = 'enabled' AND e.type NOT LIKE '%.processing' AND d.id IS NULL
             AND (w.event_types IS NULL OR e.type = ANY (w.event_types))`,
  },
  {
    name: 'every delivery is to an endpoint of its user, and of an event of his',
    sql: `SELECT format('delivery %s', d.id) AS detail
            FROM webhook_deliveries d
            LEFT JOIN webhook_endpoints w ON w.id = d.endpoint_id AND w.user_id = d.user_id
            LEFT JOIN events e ON e.payment_id = d.payment_id AND e.version = d.version
                 AND e.user_id = d.user_id AND e.type = d.type
           WHERE w.id IS NULL OR (d.payment_id IS NOT NULL AND e.payment_id IS NULL)`,
  },
  {
    name: 'a delivery has a moment at which somebody looks at it, until it has ended',
    sql: `SELECT format('delivery %s: %s, due %s', id, state, due_at) AS detail
            FROM webhook_deliveries
           WHERE (due_at IS NULL) <> (state <> 'pending') OR (ended_at IS NULL) <> (state = 'pending')`,
  },
  {
    name: 'what was delivered has an attempt that says so',
    sql: `SELECT format('delivery %s', d.id) AS detail
            FROM webhook_deliveries d
           WHERE d.state = 'delivered'
             AND NOT EXISTS (SELECT FROM webhook_attempts a
                              WHERE a.delivery_id = d.id AND a.status BETWEEN 200 AND 299)`,
  },
  {
    name: 'every attempt belongs to a delivery, and to one of its claims',
    sql: `SELECT format('delivery %s, attempt %s', a.delivery_id, a.fence) AS detail
            FROM webhook_attempts a LEFT JOIN webhook_deliveries d ON d.id = a.delivery_id
           WHERE d.id IS NULL OR a.fence > d.fence`,
  },
];
