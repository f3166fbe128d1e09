/**
 * What the gateway serves, as types. Written by `npm run openapi` from docs/openapi.json: change
 * nothing here.
 */

export interface paths {
    readonly "/api/v1/auth/register": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Makes a user with one account, and signs them in. */
        readonly post: operations["registerUser"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/auth/login": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description An e-mail and a password for an access token and a refresh token. */
        readonly post: operations["login"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/auth/refresh": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Exchanges a refresh token, once, for the next pair. One that is used again later ends its whole session. */
        readonly post: operations["refreshTokens"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/auth/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Ends the session of a refresh token; an unknown one gets the same answer. */
        readonly post: operations["logout"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/auth/change-password": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Every token of before is dead; the answer has the only ones that count. API keys live on. */
        readonly post: operations["changePassword"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/users/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The user behind the token or API key. */
        readonly get: operations["getCurrentUser"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /** @description What somebody may change about themselves; no API key may. */
        readonly patch: operations["updateCurrentUser"];
        readonly trace?: never;
    };
    readonly "/api/v1/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Everybody, in the order of their e-mails. */
        readonly get: operations["listUsers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/users/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Oneself, or for an operator anybody. */
        readonly get: operations["getUser"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /** @description An administrator decides who is who. Whoever is changed signs in again. */
        readonly patch: operations["updateUser"];
        readonly trace?: never;
    };
    readonly "/api/v1/users/{id}/balance": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Now, or as it was booked before a moment of the past. */
        readonly get: operations["getBalance"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/users/{id}/statement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What the account in a currency had, what was booked on it, and what it had then. */
        readonly get: operations["getUserStatement"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/accounts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The caller’s, one for each currency. */
        readonly get: operations["listAccounts"];
        readonly put?: never;
        /** @description One for each currency. */
        readonly post: operations["openAccount"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/accounts/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description One’s own, or for an operator anybody’s. */
        readonly get: operations["getAccount"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/accounts/{id}/statement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What the account had, what was booked on it, and what it had then. */
        readonly get: operations["getAccountStatement"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/users/{id}/transactions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first, with filters, page by page or as a file. */
        readonly get: operations["listUserTransactions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/deposits": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first, with filters, page by page or as a file: the caller’s own; an operator’s are everybody’s, or one user’s. */
        readonly get: operations["listDeposits"];
        readonly put?: never;
        /** @description Kept before it is answered; a worker takes it to the bank, and a webhook tells how it ended. The same Idempotency-Key gets the same answer, whenever it comes again. */
        readonly post: operations["createDeposit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/withdrawals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first, with filters, page by page or as a file: the caller’s own; an operator’s are everybody’s, or one user’s. */
        readonly get: operations["listWithdrawals"];
        readonly put?: never;
        /** @description Kept before it is answered; a worker takes it to the bank, and a webhook tells how it ended. The same Idempotency-Key gets the same answer, whenever it comes again. */
        readonly post: operations["createWithdrawal"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/refunds": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first, with filters, page by page or as a file: the caller’s own; an operator’s are everybody’s, or one user’s. */
        readonly get: operations["listRefunds"];
        readonly put?: never;
        /** @description Gives a deposit back, whole or in parts, through the bank. The funds are held until it ends; all refunds of a deposit that have not failed come to its amount at most. */
        readonly post: operations["createRefund"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/transfers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first, with filters, page by page or as a file: the caller’s own; an operator’s are everybody’s, or one user’s. */
        readonly get: operations["listTransfers"];
        readonly put?: never;
        /** @description Between two accounts here, at once: the answer is the end, no bank is asked. Takes the caller’s account in the currency. */
        readonly post: operations["createTransfer"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/transactions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first, with filters, page by page or as a file: the caller’s own; an operator’s are everybody’s, or one user’s. */
        readonly get: operations["listTransactions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/deposits/bulk": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Each item has its own key and is answered as if it had come alone; one that is wrong stops no other. Each counts as one request for the limits, and all of them fit, or none is taken. */
        readonly post: operations["createDeposits"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/withdrawals/bulk": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Each item has its own key and is answered as if it had come alone; one that is wrong stops no other. Each counts as one request for the limits, and all of them fit, or none is taken. */
        readonly post: operations["createWithdrawals"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/deposits/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Only while it is PENDING: what a worker has taken to the bank cannot be called back. It ends as FAILED with CANCELLED, and what it held is free again. */
        readonly post: operations["cancelDeposit"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/withdrawals/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Only while it is PENDING: what a worker has taken to the bank cannot be called back. It ends as FAILED with CANCELLED, and what it held is free again. */
        readonly post: operations["cancelWithdrawal"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/refunds/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Only while it is PENDING: what a worker has taken to the bank cannot be called back. It ends as FAILED with CANCELLED, and what it held is free again. */
        readonly post: operations["cancelRefund"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/deposits/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description As it stands now, and what is known of how it ends. */
        readonly get: operations["getDeposit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/withdrawals/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description As it stands now, and what is known of how it ends. */
        readonly get: operations["getWithdrawal"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/transfers/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description As it stands now, and what is known of how it ends. */
        readonly get: operations["getTransfer"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/refunds/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description As it stands now, and what is known of how it ends. */
        readonly get: operations["getRefund"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/transactions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description A payment of any kind, with the parts of its history that `expand` names. An operator sees anybody’s. */
        readonly get: operations["getTransaction"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/transactions/{id}/resolve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Ends a payment whose outcome nobody knows by an operator’s decision, with a reason. */
        readonly post: operations["resolvePayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What happened, in one order for everybody, oldest first. Keep `next_cursor` and ask again with it: nothing is left out and nothing comes twice, also while payments go on. */
        readonly get: operations["listEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/events/stream": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Server-sent events: `event` is the type, `data` the event as the list has it, `id` its cursor. Come back with the last id as `Last-Event-ID`, to any process: nothing is left out and nothing comes twice. Without one it begins now. A message without data only moves the id. */
        readonly get: operations["streamEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/failed-tasks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The dead letters, newest first. */
        readonly get: operations["listFailedTasks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/failed-tasks/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What failed, how often, and what became of it. */
        readonly get: operations["getFailedTask"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/failed-tasks/{id}/requeue": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description The payment is asked about at once. */
        readonly post: operations["requeueFailedTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/failed-tasks/requeue": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description After an outage: many at once, each with its own result. */
        readonly post: operations["requeueFailedTasks"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/failed-tasks/{id}/close": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description With a note; it opens by itself where the same happens again. */
        readonly post: operations["closeFailedTask"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/reconciliation/runs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first. */
        readonly get: operations["listReconciliationRuns"];
        readonly put?: never;
        /** @description A bank’s statement, held against the books: 201 with the run, 200 for a file of before. */
        readonly post: operations["importStatement"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/reconciliation/runs/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What a statement was found to say. */
        readonly get: operations["getReconciliationRun"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/breaks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Where the bank’s word and the books differ, newest first. */
        readonly get: operations["listBreaks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/breaks/{id}/resolve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Books the difference, or accepts it, with a reason. */
        readonly post: operations["resolveBreak"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/audit-log": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Who did what, newest first. */
        readonly get: operations["listAuditLog"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/webhooks/bank-callback": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description The bank’s own word, unasked. Nobody signs in: the signature over the raw body is what counts. */
        readonly post: operations["receiveBankCallback"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/endpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first; there are at most 20. */
        readonly get: operations["listWebhookEndpoints"];
        readonly put?: never;
        /** @description Every event from now on is delivered to it. Its secret is shown this once. */
        readonly post: operations["createWebhookEndpoint"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/endpoints/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description How it stands: whether it is enabled, and since when it fails. */
        readonly get: operations["getWebhookEndpoint"];
        readonly put?: never;
        readonly post?: never;
        /** @description Nothing is sent to it from now on. Its deliveries stay in the log. */
        readonly delete: operations["deleteWebhookEndpoint"];
        readonly options?: never;
        readonly head?: never;
        /** @description What is left out stays. While it is disabled nothing is sent and nothing is kept for it. */
        readonly patch: operations["updateWebhookEndpoint"];
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/endpoints/{id}/rotate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Both secrets sign until the overlap ends. The new one is shown this once; another rotation ends the overlap of the one before. */
        readonly post: operations["rotateWebhookSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/endpoints/{id}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description A test.ping, whatever the endpoint asks for. What became of it is in the log. */
        readonly post: operations["sendTestWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/endpoints/{id}/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description All that failed or was cancelled since a moment, or everything of a range of time, with the same webhook-ids. What is on its way already is not sent twice. Where next_cursor is not null, send it with the same body for the rest. */
        readonly post: operations["replayWebhookEndpoint"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Newest first: what was sent to your endpoints, what waits, and what failed. */
        readonly get: operations["listWebhookDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/deliveries/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description With its attempts, newest first: what the receiver answered, and how fast. */
        readonly get: operations["getWebhookDelivery"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/webhooks/deliveries/{id}/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description The same message with the same webhook-id, at once. One that is on its way already is not sent twice. */
        readonly post: operations["replayWebhookDelivery"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/api-keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The caller’s keys, newest first, those that no longer count among them. */
        readonly get: operations["listApiKeys"];
        readonly put?: never;
        /** @description A key for a machine. It is shown in this answer and never again. */
        readonly post: operations["createApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/api-keys/{id}/rotate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description A successor with the same name and scopes. Both keys count until the overlap ends. */
        readonly post: operations["rotateApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/api-keys/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** @description Dead here at once, and everywhere within seconds. A second time is as good as the first. */
        readonly delete: operations["revokeApiKey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Whether requests should come here, and what we depend on. */
        readonly get: operations["getHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/ready": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Whether requests should come here, and what we depend on. */
        readonly get: operations["getReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/live": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Whether the process should go on living; it asks nobody. */
        readonly get: operations["getLiveness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description OpenAPI 3.1, made of the routes that are served. */
        readonly get: operations["getOpenApi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export interface webhooks {
    readonly "deposit.created": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_deposit_created"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "deposit.succeeded": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_deposit_succeeded"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "deposit.failed": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_deposit_failed"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "deposit.review": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_deposit_review"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "withdrawal.created": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_withdrawal_created"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "withdrawal.succeeded": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_withdrawal_succeeded"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "withdrawal.failed": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_withdrawal_failed"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "withdrawal.review": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_withdrawal_review"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "transfer.created": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_transfer_created"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "transfer.succeeded": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_transfer_succeeded"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "transfer.failed": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_transfer_failed"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "transfer.review": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_transfer_review"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "refund.created": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_refund_created"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "refund.succeeded": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_refund_succeeded"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "refund.failed": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_refund_failed"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "refund.review": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_refund_review"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "correction.created": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_correction_created"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "correction.succeeded": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_correction_succeeded"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "correction.failed": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_correction_failed"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "correction.review": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_correction_review"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "endpoint.disabled": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_endpoint_disabled"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "test.ping": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** @description Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order. */
        readonly post: operations["on_test_ping"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export interface components {
    schemas: {
        readonly ApiKey: {
            readonly id: string;
            readonly name: string;
            /** @description How the key begins. */
            readonly prefix: string;
            readonly scopes: readonly ("deposits:write" | "withdrawals:write" | "read" | "webhooks:write" | "admin:*")[];
            /** @enum {unknown} */
            readonly status: "active" | "expired" | "revoked";
            readonly created_at: string;
            readonly expires_at: string | null;
            readonly revoked_at: string | null;
            /** @description Within a minute or so. */
            readonly last_used_at: string | null;
            readonly rotated_to: string | null;
        };
        readonly FailedTask: {
            readonly id: string;
            readonly payment_id: string | null;
            /** @description What failed, where that is no payment. */
            readonly subject: string | null;
            readonly reason: string;
            /** @description What was said the last time. */
            readonly detail: string;
            readonly times: number;
            readonly first_at: string;
            readonly last_at: string;
            /** @enum {unknown} */
            readonly state: "open" | "closed";
            readonly closed_at: string | null;
            readonly closed_by: string | null;
            readonly closed_note: string | null;
            readonly requeued_at: string | null;
            readonly requeued_by: string | null;
            /** @description How its payment stands now. */
            readonly payment_status: string | null;
        };
        readonly FreshApiKey: {
            readonly id: string;
            readonly name: string;
            /** @description How the key begins. */
            readonly prefix: string;
            readonly scopes: readonly ("deposits:write" | "withdrawals:write" | "read" | "webhooks:write" | "admin:*")[];
            /** @enum {unknown} */
            readonly status: "active" | "expired" | "revoked";
            readonly created_at: string;
            readonly expires_at: string | null;
            readonly revoked_at: string | null;
            /** @description Within a minute or so. */
            readonly last_used_at: string | null;
            readonly rotated_to: string | null;
            /** @description The key itself, told this once. */
            readonly key: string;
        };
        readonly Payment: {
            readonly id: string;
            readonly account_id: string;
            /** @enum {unknown} */
            readonly transaction_type: "deposit" | "withdrawal" | "transfer" | "refund" | "correction";
            /** @description Decimal, with all decimals of the currency. */
            readonly amount: string;
            /** @description ISO 4217. */
            readonly currency: string;
            /** @enum {unknown} */
            readonly status: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
            readonly bank_transaction_id: string | null;
            /** @description The bank's word. */
            readonly error_code: string | null;
            readonly error_message: string | null;
            readonly created_at: string;
            readonly updated_at: string;
            readonly description: string | null;
            readonly metadata: unknown;
            /** @description Of a transfer: where it went. */
            readonly to_account_id?: string;
            /** @description Of a refund: what it gives back. */
            readonly deposit_id?: string;
            readonly message: string;
        };
        readonly PaymentDetails: {
            readonly id: string;
            readonly account_id: string;
            /** @enum {unknown} */
            readonly transaction_type: "deposit" | "withdrawal" | "transfer" | "refund" | "correction";
            /** @description Decimal, with all decimals of the currency. */
            readonly amount: string;
            /** @description ISO 4217. */
            readonly currency: string;
            /** @enum {unknown} */
            readonly status: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
            readonly bank_transaction_id: string | null;
            /** @description The bank's word. */
            readonly error_code: string | null;
            readonly error_message: string | null;
            readonly created_at: string;
            readonly updated_at: string;
            readonly description: string | null;
            readonly metadata: unknown;
            /** @description Of a transfer: where it went. */
            readonly to_account_id?: string;
            /** @description Of a refund: what it gives back. */
            readonly deposit_id?: string;
            readonly message: string;
            /**
             * @description unknown: the money may have moved or not; funds stay held, and the bank is asked until it says. More words may be added.
             * @enum {unknown}
             */
            readonly outcome: "pending" | "unknown" | "succeeded" | "failed";
            /** @description When the bank is asked next, at the latest; of an unknown outcome only. */
            readonly next_inquiry_at: string | null;
            /** @description What the bank said so far, oldest first; of very many the newest 100. */
            readonly evidence: readonly {
                readonly at: string;
                /**
                 * @description Who brought it: we asked, the bank called or stated, a person decided.
                 * @enum {unknown}
                 */
                readonly contact: "submit" | "inquire" | "callback" | "statement" | "operator";
                /** @enum {unknown} */
                readonly outcome: "approved" | "declined" | "retryable" | "unknown" | "pending" | "not_found";
                readonly message: string;
            }[];
        };
        readonly PaymentPage: {
            /** @description Perhaps fewer than `limit`, even none, while `next_cursor` is not null. */
            readonly items: readonly components["schemas"]["Payment"][];
            /** @description Null: that was all. */
            readonly next_cursor: string | null;
            readonly limit: number;
            readonly skip?: number;
            /** @description Only when asked for, and up to 50,000 payments of history. */
            readonly total?: number;
        };
        readonly PaymentRequest: {
            /** @description Positive, as a decimal string; a number only where it is exact. */
            readonly amount: string | number;
            /** @description ISO 4217; the account's where absent. */
            readonly currency?: string | null;
            readonly description?: string | null;
            /** @description At most 4096 bytes, 5 deep. */
            readonly metadata?: Record<string, unknown> | null;
        };
        readonly Statement: {
            readonly account_id: string;
            readonly currency: string;
            /** @description Included; null: since the account opened. */
            readonly from: string | null;
            /** @description Not included; now at the latest. */
            readonly to: string;
            readonly opening_balance: string;
            readonly closing_balance: string;
            /** @description In the order in which they were booked. */
            readonly items: readonly {
                /** @description Numbers the postings of the account, without gaps. */
                readonly seq: string;
                readonly posted_at: string;
                readonly payment_id: string;
                readonly transaction_type: string | null;
                readonly description: string | null;
                /** @description Signed. */
                readonly amount: string;
                readonly balance_after: string;
            }[];
            readonly next_cursor: string | null;
            readonly limit: number;
        };
        readonly Tokens: {
            readonly access_token: string;
            /** @constant */
            readonly token_type: "bearer";
            /** @description Seconds. */
            readonly expires_in: number;
            /** @description Exchanged once, for the next pair of tokens. */
            readonly refresh_token: string;
            /** @description Seconds. */
            readonly refresh_expires_in: number;
            readonly user: components["schemas"]["User"];
        };
        readonly User: {
            readonly id: string;
            readonly email: string;
            readonly full_name: string;
            readonly is_active: boolean;
            /** @enum {unknown} */
            readonly role: "user" | "operator" | "admin";
            readonly created_at: string;
            readonly webhook_url: string | null;
        };
        /** WebhookPayment */
        readonly WebhookPayment: {
            readonly id: string;
            /** @description Counts the status changes: order is not promised, and a lower one is older. */
            readonly version: number;
            /** @enum {unknown} */
            readonly transaction_type: "deposit" | "withdrawal" | "transfer" | "refund" | "correction";
            /** @description Null: it did not change. */
            readonly status: string | null;
            readonly account_id: string;
            readonly counter_account_id: string | null;
            readonly related_transaction_id: string | null;
            /** @description Decimal, with all decimals of the currency. */
            readonly amount: string;
            /** @description ISO 4217. */
            readonly currency: string;
            readonly bank_transaction_id: string | null;
            /** @description The bank's word. */
            readonly error_code: string | null;
            readonly description: string | null;
            readonly metadata: unknown;
            readonly created_at: string;
        };
        readonly Problem: {
            /** @description The same for every one of this code. */
            readonly type: string;
            /** @description The same for every one of this code. */
            readonly title: string;
            readonly status: number;
            /** @description This occurrence. */
            readonly detail: string;
            /** @description This request. */
            readonly instance: string;
            /** @description Stable: what a program should look at. */
            readonly code: string;
            readonly errors?: readonly {
                /** @description JSON pointer into the body. */
                readonly pointer?: string;
                /** @description Query parameter. */
                readonly parameter?: string;
                readonly header?: string;
                /** @description Of a file. */
                readonly line?: number;
                /** @description Of camt.053. */
                readonly entry?: number;
                readonly detail: string;
            }[];
            readonly request_id: string;
            /** @description As `code`. */
            readonly error: string;
            /** @description As `detail`. */
            readonly message: string;
        } & {
            readonly [key: string]: unknown;
        };
        /** @enum {string} */
        readonly ProblemCode: "account_busy" | "account_not_found" | "address_too_long" | "api_key_not_active" | "api_key_not_found" | "body_too_large" | "break_not_found" | "break_resolved" | "break_superseded" | "callback_amount_differs" | "callback_contradicts" | "callback_not_signed" | "callback_payment_unknown" | "callback_stale" | "callback_unreadable" | "card_number_refused" | "cursor_gone" | "database_away" | "deposit_not_settled" | "email_taken" | "failed_task_closed" | "failed_task_not_found" | "failed_task_without_payment" | "forbidden" | "headers_too_large" | "idempotency_key_invalid" | "idempotency_key_missing" | "idempotency_key_reused" | "insufficient_funds" | "internal_error" | "invalid_amount" | "invalid_credentials" | "last_administrator" | "malformed_json" | "malformed_request" | "no_account_in_currency" | "outcome_unknown" | "overloaded" | "password_wrong" | "payment_final" | "payment_in_contact" | "payment_in_review" | "payment_not_final" | "payment_not_found" | "payment_not_pending" | "payment_not_unknown" | "rate_limit_exceeded" | "receiver_not_found" | "reconciliation_run_not_found" | "reconciliation_running" | "refresh_token_refused" | "refund_exceeds_deposit" | "statement_malformed" | "statement_too_large" | "token_expired" | "token_invalid" | "token_missing" | "token_revoked" | "too_many_api_keys" | "too_many_streams" | "too_many_webhook_endpoints" | "unknown_currency" | "unsupported_media_type" | "user_not_found" | "validation_failed" | "webhook_delivery_not_found" | "webhook_endpoint_disabled" | "webhook_endpoint_not_found";
    };
    responses: never;
    parameters: {
        /** @description A new one for a new payment, the same one to repeat a request: 1 to 255 visible ASCII characters, bare or in quotes. */
        readonly IdempotencyKey: string;
        /** @description The same at every repetition. */
        readonly WebhookId: string;
        /** @description Of this attempt, in Unix seconds. */
        readonly WebhookTimestamp: string;
        /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
        readonly WebhookSignature: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly registerUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly email: string;
                    readonly full_name: string;
                    /** @description 8 characters to 72 bytes. */
                    readonly password: string;
                    readonly webhook_url?: string | null;
                };
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly access_token: string;
                        /** @constant */
                        readonly token_type: "bearer";
                        /** @description Seconds. */
                        readonly expires_in: number;
                        /** @description Exchanged once, for the next pair of tokens. */
                        readonly refresh_token: string;
                        /** @description Seconds. */
                        readonly refresh_expires_in: number;
                        readonly user: components["schemas"]["User"];
                        /** @description Made of webhook_url, where one was given. */
                        readonly webhook_endpoint?: {
                            readonly id: string;
                            /** @description Verifies what we send; told this once. */
                            readonly secret: string;
                        };
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly login: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly email: string;
                    readonly password: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly refreshTokens: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly refresh_token: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly logout: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly refresh_token: string;
                    /** @description All sessions, and every access token issued so far. */
                    readonly everywhere?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description Done; there is nothing to say. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly changePassword: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly current_password: string;
                    /** @description 8 characters to 72 bytes. */
                    readonly new_password: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getCurrentUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly updateCurrentUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly full_name?: string;
                    readonly webhook_url?: string | null;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listUsers: {
        readonly parameters: {
            readonly query?: {
                /** @description What the e-mail begins with. */
                readonly email?: string;
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["User"][];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user’s id, or `me`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly updateUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user’s id, or `me`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @enum {unknown} */
                    readonly role?: "user" | "operator" | "admin";
                    readonly is_active?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getBalance: {
        readonly parameters: {
            readonly query?: {
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description RFC 3339, or a day (UTC): all that was booked before then. */
                readonly as_of?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The user’s id, or `me`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly account_id: string;
                        readonly balance: string;
                        /** @description What a withdrawal may take now; absent beside `as_of`. */
                        readonly available?: string;
                        /** @description Reserved for withdrawals under way; absent beside `as_of`. */
                        readonly held?: string;
                        readonly currency: string;
                        readonly as_of: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getUserStatement: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description Of which account. */
                readonly currency?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The user’s id, or `me`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Statement"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listAccounts: {
        readonly parameters: {
            readonly query?: {
                /** @description For operators. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            /** @description Where a transfer may be sent to. */
                            readonly id: string;
                            /** @description ISO 4217. */
                            readonly currency: string;
                            /** @description Of every amount in this currency: 0, 2, 3 or 4. */
                            readonly decimals: number;
                            readonly balance: string;
                            /** @description What a withdrawal may take now. */
                            readonly available: string;
                            /** @description Reserved for what is on its way out. */
                            readonly held: string;
                            readonly created_at: string;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly openAccount: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description ISO 4217. */
                    readonly currency: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Where a transfer may be sent to. */
                        readonly id: string;
                        /** @description ISO 4217. */
                        readonly currency: string;
                        /** @description Of every amount in this currency: 0, 2, 3 or 4. */
                        readonly decimals: number;
                        readonly balance: string;
                        /** @description What a withdrawal may take now. */
                        readonly available: string;
                        /** @description Reserved for what is on its way out. */
                        readonly held: string;
                        readonly created_at: string;
                    };
                };
            };
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Where a transfer may be sent to. */
                        readonly id: string;
                        /** @description ISO 4217. */
                        readonly currency: string;
                        /** @description Of every amount in this currency: 0, 2, 3 or 4. */
                        readonly decimals: number;
                        readonly balance: string;
                        /** @description What a withdrawal may take now. */
                        readonly available: string;
                        /** @description Reserved for what is on its way out. */
                        readonly held: string;
                        readonly created_at: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getAccount: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The account’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Where a transfer may be sent to. */
                        readonly id: string;
                        /** @description ISO 4217. */
                        readonly currency: string;
                        /** @description Of every amount in this currency: 0, 2, 3 or 4. */
                        readonly decimals: number;
                        readonly balance: string;
                        /** @description What a withdrawal may take now. */
                        readonly available: string;
                        /** @description Reserved for what is on its way out. */
                        readonly held: string;
                        readonly created_at: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getAccountStatement: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The account’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Statement"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listUserTransactions: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description How many to leave out; a cursor is faster, and stable while rows are added. */
                readonly skip?: number;
                /** @description Whether `total` is counted. */
                readonly include_total?: boolean;
                /** @description Only those with this status. */
                readonly status?: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description At least this, in each payment's own currency. */
                readonly min_amount?: string;
                /** @description At most this, in each payment's own currency. */
                readonly max_amount?: string;
                /** @description The key it was asked for with. */
                readonly idempotency_key?: string;
                /** @description The bank’s own number. */
                readonly bank_transaction_id?: string;
                /** @description Contained, in any case. */
                readonly description?: string;
                /** @description Only those of this kind. */
                readonly type?: "deposit" | "withdrawal" | "transfer" | "refund" | "correction";
            };
            readonly header?: never;
            readonly path: {
                /** @description The user’s id, or `me`. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentPage"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listDeposits: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description How many to leave out; a cursor is faster, and stable while rows are added. */
                readonly skip?: number;
                /** @description Whether `total` is counted. */
                readonly include_total?: boolean;
                /** @description Only those with this status. */
                readonly status?: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description At least this, in each payment's own currency. */
                readonly min_amount?: string;
                /** @description At most this, in each payment's own currency. */
                readonly max_amount?: string;
                /** @description The key it was asked for with. */
                readonly idempotency_key?: string;
                /** @description The bank’s own number. */
                readonly bank_transaction_id?: string;
                /** @description Contained, in any case. */
                readonly description?: string;
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentPage"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createDeposit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A new one for a new payment, the same one to repeat a request: 1 to 255 visible ASCII characters, bare or in quotes. */
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PaymentRequest"];
            };
        };
        readonly responses: {
            /** @description Kept, and on its way. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listWithdrawals: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description How many to leave out; a cursor is faster, and stable while rows are added. */
                readonly skip?: number;
                /** @description Whether `total` is counted. */
                readonly include_total?: boolean;
                /** @description Only those with this status. */
                readonly status?: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description At least this, in each payment's own currency. */
                readonly min_amount?: string;
                /** @description At most this, in each payment's own currency. */
                readonly max_amount?: string;
                /** @description The key it was asked for with. */
                readonly idempotency_key?: string;
                /** @description The bank’s own number. */
                readonly bank_transaction_id?: string;
                /** @description Contained, in any case. */
                readonly description?: string;
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentPage"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createWithdrawal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A new one for a new payment, the same one to repeat a request: 1 to 255 visible ASCII characters, bare or in quotes. */
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PaymentRequest"];
            };
        };
        readonly responses: {
            /** @description Kept, and on its way. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listRefunds: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description How many to leave out; a cursor is faster, and stable while rows are added. */
                readonly skip?: number;
                /** @description Whether `total` is counted. */
                readonly include_total?: boolean;
                /** @description Only those with this status. */
                readonly status?: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description At least this, in each payment's own currency. */
                readonly min_amount?: string;
                /** @description At most this, in each payment's own currency. */
                readonly max_amount?: string;
                /** @description The key it was asked for with. */
                readonly idempotency_key?: string;
                /** @description The bank’s own number. */
                readonly bank_transaction_id?: string;
                /** @description Contained, in any case. */
                readonly description?: string;
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentPage"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createRefund: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A new one for a new payment, the same one to repeat a request: 1 to 255 visible ASCII characters, bare or in quotes. */
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description A deposit of yours that succeeded. */
                    readonly deposit_id: string;
                    /** @description Positive, as a decimal string; a number only where it is exact. */
                    readonly amount: string | number;
                    /** @description ISO 4217; the account's where absent. */
                    readonly currency?: string | null;
                    readonly description?: string | null;
                    /** @description At most 4096 bytes, 5 deep. */
                    readonly metadata?: Record<string, unknown> | null;
                };
            };
        };
        readonly responses: {
            /** @description Kept, and on its way. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listTransfers: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description How many to leave out; a cursor is faster, and stable while rows are added. */
                readonly skip?: number;
                /** @description Whether `total` is counted. */
                readonly include_total?: boolean;
                /** @description Only those with this status. */
                readonly status?: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description At least this, in each payment's own currency. */
                readonly min_amount?: string;
                /** @description At most this, in each payment's own currency. */
                readonly max_amount?: string;
                /** @description The key it was asked for with. */
                readonly idempotency_key?: string;
                /** @description The bank’s own number. */
                readonly bank_transaction_id?: string;
                /** @description Contained, in any case. */
                readonly description?: string;
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentPage"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createTransfer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A new one for a new payment, the same one to repeat a request: 1 to 255 visible ASCII characters, bare or in quotes. */
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The `id` of an account in the same currency, as its owner has told it. */
                    readonly to_account_id: string;
                    /** @description Positive, as a decimal string; a number only where it is exact. */
                    readonly amount: string | number;
                    /** @description ISO 4217; the account's where absent. */
                    readonly currency?: string | null;
                    readonly description?: string | null;
                    /** @description At most 4096 bytes, 5 deep. */
                    readonly metadata?: Record<string, unknown> | null;
                };
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listTransactions: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                /** @description csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or `application/x-ndjson` asks for the same. */
                readonly format?: "json" | "csv" | "ndjson";
                /** @description RFC 3339, or a day (UTC); then or later. */
                readonly from?: string;
                /** @description RFC 3339, or a day (UTC); before then. */
                readonly to?: string;
                /** @description How many to leave out; a cursor is faster, and stable while rows are added. */
                readonly skip?: number;
                /** @description Whether `total` is counted. */
                readonly include_total?: boolean;
                /** @description Only those with this status. */
                readonly status?: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                /** @description ISO 4217. */
                readonly currency?: string;
                /** @description At least this, in each payment's own currency. */
                readonly min_amount?: string;
                /** @description At most this, in each payment's own currency. */
                readonly max_amount?: string;
                /** @description The key it was asked for with. */
                readonly idempotency_key?: string;
                /** @description The bank’s own number. */
                readonly bank_transaction_id?: string;
                /** @description Contained, in any case. */
                readonly description?: string;
                /** @description Only those of this kind. */
                readonly type?: "deposit" | "withdrawal" | "transfer" | "refund" | "correction";
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentPage"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createDeposits: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly items: readonly {
                        /** @description What the Idempotency-Key header is to a single payment. */
                        readonly idempotency_key: string;
                        /** @description Positive, as a decimal string; a number only where it is exact. */
                        readonly amount: string | number;
                        /** @description ISO 4217; the account's where absent. */
                        readonly currency?: string | null;
                        readonly description?: string | null;
                        /** @description At most 4096 bytes, 5 deep. */
                        readonly metadata?: Record<string, unknown> | null;
                    }[];
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description One for each item, in their order. */
                        readonly results: readonly {
                            /** @description As the item alone would have been answered. */
                            readonly status: number;
                            readonly idempotency_key: string | null;
                            readonly replayed: boolean;
                            /** @description A payment, or a problem. */
                            readonly body: unknown;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createWithdrawals: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly items: readonly {
                        /** @description What the Idempotency-Key header is to a single payment. */
                        readonly idempotency_key: string;
                        /** @description Positive, as a decimal string; a number only where it is exact. */
                        readonly amount: string | number;
                        /** @description ISO 4217; the account's where absent. */
                        readonly currency?: string | null;
                        readonly description?: string | null;
                        /** @description At most 4096 bytes, 5 deep. */
                        readonly metadata?: Record<string, unknown> | null;
                    }[];
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description One for each item, in their order. */
                        readonly results: readonly {
                            /** @description As the item alone would have been answered. */
                            readonly status: number;
                            readonly idempotency_key: string | null;
                            readonly replayed: boolean;
                            /** @description A payment, or a problem. */
                            readonly body: unknown;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelDeposit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The deposit’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelWithdrawal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The withdrawal’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelRefund: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getDeposit: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The deposit’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentDetails"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getWithdrawal: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The withdrawal’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentDetails"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getTransfer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentDetails"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getRefund: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentDetails"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getTransaction: {
        readonly parameters: {
            readonly query?: {
                /** @description Of timeline, postings, attempts: which come along, with commas. */
                readonly expand?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The payment’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly account_id: string;
                        /** @enum {unknown} */
                        readonly transaction_type: "deposit" | "withdrawal" | "transfer" | "refund" | "correction";
                        /** @description Decimal, with all decimals of the currency. */
                        readonly amount: string;
                        /** @description ISO 4217. */
                        readonly currency: string;
                        /** @enum {unknown} */
                        readonly status: "PENDING" | "PROCESSING" | "SUCCESS" | "FAILED" | "PENDING_REVIEW";
                        readonly bank_transaction_id: string | null;
                        /** @description The bank's word. */
                        readonly error_code: string | null;
                        readonly error_message: string | null;
                        readonly created_at: string;
                        readonly updated_at: string;
                        readonly description: string | null;
                        readonly metadata: unknown;
                        /** @description Of a transfer: where it went. */
                        readonly to_account_id?: string;
                        /** @description Of a refund: what it gives back. */
                        readonly deposit_id?: string;
                        readonly message: string;
                        /**
                         * @description unknown: the money may have moved or not; funds stay held, and the bank is asked until it says. More words may be added.
                         * @enum {unknown}
                         */
                        readonly outcome: "pending" | "unknown" | "succeeded" | "failed";
                        /** @description When the bank is asked next, at the latest; of an unknown outcome only. */
                        readonly next_inquiry_at: string | null;
                        /** @description What the bank said so far, oldest first; of very many the newest 100. */
                        readonly evidence: readonly {
                            readonly at: string;
                            /**
                             * @description Who brought it: we asked, the bank called or stated, a person decided.
                             * @enum {unknown}
                             */
                            readonly contact: "submit" | "inquire" | "callback" | "statement" | "operator";
                            /** @enum {unknown} */
                            readonly outcome: "approved" | "declined" | "retryable" | "unknown" | "pending" | "not_found";
                            readonly message: string;
                        }[];
                        readonly timeline?: readonly {
                            readonly at: string;
                            /** @description deposit.succeeded and such: a status change; bank.submit and such: a contact; bank.called: its callback. */
                            readonly type: string;
                            /** @description Of a status change; else null. */
                            readonly version: number | null;
                            readonly data: {
                                readonly [key: string]: unknown;
                            };
                        }[];
                        readonly postings?: readonly {
                            readonly account_id: string;
                            /** @enum {unknown} */
                            readonly account_kind: "user" | "clearing" | "suspense";
                            readonly seq: string;
                            /** @description Signed. */
                            readonly amount: string;
                            readonly currency: string;
                            readonly balance_after: string | null;
                            readonly posted_at: string;
                        }[];
                        readonly attempts?: readonly {
                            readonly number: number;
                            /** @enum {unknown} */
                            readonly contact: "submit" | "inquire" | "callback" | "statement" | "operator";
                            readonly outcome: string;
                            readonly started_at: string;
                            readonly ended_at: string;
                            /** @description For operators. */
                            readonly worker?: string;
                            /** @description The bank's words, for operators. */
                            readonly evidence?: string;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly resolvePayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The payment’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @enum {unknown} */
                    readonly outcome: "succeeded" | "failed";
                    readonly reason: string;
                    readonly bank_transaction_id?: string;
                    readonly evidence?: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Comma separated; `deposit.*` is every type of deposits. */
                readonly type?: string;
                readonly transaction_id?: string;
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before, or the id of an event. Without it: the oldest event on offer; `latest`: only what comes from now on. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Perhaps fewer than `limit`, even none, while `has_more` is true. */
                        readonly items: readonly {
                            /** @description Of the event, and the cursor behind it. */
                            readonly id: string;
                            readonly type: string;
                            readonly timestamp: string;
                            readonly transaction_id: string;
                            /** @description Counts the status changes of the transaction. */
                            readonly version: number;
                            readonly user_id: string;
                            /** @description The changed values. */
                            readonly data: unknown;
                        }[];
                        /** @description Where to read on, now or later. */
                        readonly next_cursor: string;
                        /** @description More may be there now: ask again at once. */
                        readonly has_more: boolean;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly streamEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Comma separated; `deposit.*` is every type of deposits. */
                readonly type?: string;
                readonly transaction_id?: string;
                /** @description For operators, who see everybody’s without it. */
                readonly user_id?: string;
                /** @description Begin behind this one; Last-Event-ID counts instead where it is sent. */
                readonly cursor?: string;
            };
            readonly header?: {
                /** @description The id of the last event that arrived. */
                readonly "last-event-id"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listFailedTasks: {
        readonly parameters: {
            readonly query?: {
                readonly state?: "open" | "closed";
                readonly reason?: string;
                readonly payment_id?: string;
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["FailedTask"][];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getFailedTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The failed task’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly payment_id: string | null;
                        /** @description What failed, where that is no payment. */
                        readonly subject: string | null;
                        readonly reason: string;
                        /** @description What was said the last time. */
                        readonly detail: string;
                        readonly times: number;
                        readonly first_at: string;
                        readonly last_at: string;
                        /** @enum {unknown} */
                        readonly state: "open" | "closed";
                        readonly closed_at: string | null;
                        readonly closed_by: string | null;
                        readonly closed_note: string | null;
                        readonly requeued_at: string | null;
                        readonly requeued_by: string | null;
                        /** @description How its payment stands now. */
                        readonly payment_status: string | null;
                        /** @description The newest occurrences (20 at most), eldest first. */
                        readonly history: readonly {
                            readonly at: string;
                            readonly detail: string;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly requeueFailedTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The failed task’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly note?: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FailedTask"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly requeueFailedTasks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly ids?: readonly string[];
                    /** @description In place of ids: the open tasks with this reason, eldest requeue first. */
                    readonly reason?: string;
                    /** @description With reason; default 100. */
                    readonly limit?: number;
                    readonly note?: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly requeued: number;
                        readonly items: readonly {
                            readonly id: string;
                            /** @enum {unknown} */
                            readonly result: "requeued" | "not_found" | "closed" | "no_payment" | "final" | "in_contact";
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly closeFailedTask: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The failed task’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly note: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FailedTask"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listReconciliationRuns: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly id: string;
                            readonly bank: string;
                            /** @enum {unknown} */
                            readonly format: "csv" | "camt053";
                            /** @enum {unknown} */
                            readonly state: "running" | "interrupted" | "complete";
                            readonly period_from: string;
                            readonly period_to: string;
                            readonly lines: number;
                            readonly imported_by: string;
                            readonly started_at: string;
                            readonly completed_at: string | null;
                            /** @description Null until the run is complete. */
                            readonly results: {
                                readonly matched: number | null;
                                readonly missing_in_bank: number | null;
                                readonly missing_in_books: number | null;
                                readonly amount_differs: number | null;
                                readonly duplicate: number | null;
                            };
                        }[];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly importStatement: {
        readonly parameters: {
            readonly query?: {
                /** @description The day (UTC) it is of, where the file does not say so. */
                readonly date?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "text/csv": string;
                readonly "application/xml": string;
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly bank: string;
                        /** @enum {unknown} */
                        readonly format: "csv" | "camt053";
                        /** @enum {unknown} */
                        readonly state: "running" | "interrupted" | "complete";
                        readonly period_from: string;
                        readonly period_to: string;
                        readonly lines: number;
                        readonly imported_by: string;
                        readonly started_at: string;
                        readonly completed_at: string | null;
                        /** @description Null until the run is complete. */
                        readonly results: {
                            readonly matched: number | null;
                            readonly missing_in_bank: number | null;
                            readonly missing_in_books: number | null;
                            readonly amount_differs: number | null;
                            readonly duplicate: number | null;
                        };
                    };
                };
            };
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly bank: string;
                        /** @enum {unknown} */
                        readonly format: "csv" | "camt053";
                        /** @enum {unknown} */
                        readonly state: "running" | "interrupted" | "complete";
                        readonly period_from: string;
                        readonly period_to: string;
                        readonly lines: number;
                        readonly imported_by: string;
                        readonly started_at: string;
                        readonly completed_at: string | null;
                        /** @description Null until the run is complete. */
                        readonly results: {
                            readonly matched: number | null;
                            readonly missing_in_bank: number | null;
                            readonly missing_in_books: number | null;
                            readonly amount_differs: number | null;
                            readonly duplicate: number | null;
                        };
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getReconciliationRun: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The run’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly bank: string;
                        /** @enum {unknown} */
                        readonly format: "csv" | "camt053";
                        /** @enum {unknown} */
                        readonly state: "running" | "interrupted" | "complete";
                        readonly period_from: string;
                        readonly period_to: string;
                        readonly lines: number;
                        readonly imported_by: string;
                        readonly started_at: string;
                        readonly completed_at: string | null;
                        /** @description Null until the run is complete. */
                        readonly results: {
                            readonly matched: number | null;
                            readonly missing_in_bank: number | null;
                            readonly missing_in_books: number | null;
                            readonly amount_differs: number | null;
                            readonly duplicate: number | null;
                        };
                        /** @description Newly or again; listed by GET /api/v1/breaks?run=. */
                        readonly breaks: {
                            readonly found: number;
                            readonly open: number;
                        };
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listBreaks: {
        readonly parameters: {
            readonly query?: {
                readonly state?: "open" | "resolved";
                readonly kind?: "missing_in_bank" | "missing_in_books" | "amount_differs" | "duplicate" | "contradiction";
                readonly run?: string;
                readonly payment?: string;
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly id: string;
                            /** @enum {unknown} */
                            readonly kind: "missing_in_bank" | "missing_in_books" | "amount_differs" | "duplicate" | "contradiction";
                            /** @enum {unknown} */
                            readonly source: "submit" | "inquire" | "callback" | "statement";
                            readonly bank: string;
                            readonly payment_id: string | null;
                            readonly bank_reference: string | null;
                            readonly bank_transaction_id: string | null;
                            readonly currency: string;
                            /** @description Into our books; negative: out of them. */
                            readonly bank_amount: string;
                            readonly booked_amount: string;
                            readonly detail: string;
                            readonly run_id: string | null;
                            readonly found_at: string;
                            /** @enum {unknown} */
                            readonly state: "open" | "resolved";
                            readonly resolution: string | null;
                            readonly resolution_reason: string | null;
                            readonly resolved_by: string | null;
                            readonly resolved_at: string | null;
                            readonly correction_id: string | null;
                        }[];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly resolveBreak: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The break’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description correct books the difference, accept leaves it.
                     * @enum {unknown}
                     */
                    readonly resolution: "correct" | "accept";
                    readonly reason: string;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        /** @enum {unknown} */
                        readonly kind: "missing_in_bank" | "missing_in_books" | "amount_differs" | "duplicate" | "contradiction";
                        /** @enum {unknown} */
                        readonly source: "submit" | "inquire" | "callback" | "statement";
                        readonly bank: string;
                        readonly payment_id: string | null;
                        readonly bank_reference: string | null;
                        readonly bank_transaction_id: string | null;
                        readonly currency: string;
                        /** @description Into our books; negative: out of them. */
                        readonly bank_amount: string;
                        readonly booked_amount: string;
                        readonly detail: string;
                        readonly run_id: string | null;
                        readonly found_at: string;
                        /** @enum {unknown} */
                        readonly state: "open" | "resolved";
                        readonly resolution: string | null;
                        readonly resolution_reason: string | null;
                        readonly resolved_by: string | null;
                        readonly resolved_at: string | null;
                        readonly correction_id: string | null;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listAuditLog: {
        readonly parameters: {
            readonly query?: {
                readonly actor?: string;
                readonly action?: string;
                readonly subject?: string;
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            /** @description Numbered without gaps. */
                            readonly seq: string;
                            readonly at: string;
                            readonly actor: string;
                            readonly action: string;
                            readonly subject: string;
                            readonly before: unknown;
                            readonly after: unknown;
                            readonly reason: string | null;
                            readonly request_id: string | null;
                            /** @description SHA-256 over this row and the hash of the row before it. */
                            readonly hash: string;
                        }[];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly receiveBankCallback: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description Lower-case hex of the HMAC-SHA256 over the body, byte for byte. */
                readonly "X-Bank-Signature": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": Record<string, unknown>;
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @constant */
                        readonly received: true;
                        /** @description It was received before; nothing was done again. */
                        readonly duplicate: boolean;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listWebhookEndpoints: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly id: string;
                            readonly url: string;
                            readonly description: string | null;
                            /** @description Null: all, also those that are added later. */
                            readonly event_types: readonly string[] | null;
                            /** @enum {unknown} */
                            readonly status: "enabled" | "disabled";
                            /**
                             * @description owner: by you; gone: it answered 410; failing: for five days.
                             * @enum {string|null}
                             */
                            readonly disabled_reason: "owner" | "gone" | "failing" | null;
                            readonly disabled_at: string | null;
                            /** @description Since when nothing could be delivered; null: the newest attempt was. */
                            readonly failing_since: string | null;
                            /** @description Until then the secret before this one signs too. */
                            readonly previous_secret_expires_at: string | null;
                            readonly created_at: string;
                            readonly updated_at: string;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly url: string;
                    readonly description?: string | null;
                    /** @description Types, or families as in deposit.*; null: all. */
                    readonly event_types?: readonly ("deposit.created" | "deposit.succeeded" | "deposit.failed" | "deposit.review" | "withdrawal.created" | "withdrawal.succeeded" | "withdrawal.failed" | "withdrawal.review" | "transfer.created" | "transfer.succeeded" | "transfer.failed" | "transfer.review" | "refund.created" | "refund.succeeded" | "refund.failed" | "refund.review" | "correction.created" | "correction.succeeded" | "correction.failed" | "correction.review" | "endpoint.disabled" | "deposit.*" | "withdrawal.*" | "transfer.*" | "refund.*" | "correction.*")[] | null;
                };
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly url: string;
                        readonly description: string | null;
                        /** @description Null: all, also those that are added later. */
                        readonly event_types: readonly string[] | null;
                        /** @enum {unknown} */
                        readonly status: "enabled" | "disabled";
                        /**
                         * @description owner: by you; gone: it answered 410; failing: for five days.
                         * @enum {string|null}
                         */
                        readonly disabled_reason: "owner" | "gone" | "failing" | null;
                        readonly disabled_at: string | null;
                        /** @description Since when nothing could be delivered; null: the newest attempt was. */
                        readonly failing_since: string | null;
                        /** @description Until then the secret before this one signs too. */
                        readonly previous_secret_expires_at: string | null;
                        readonly created_at: string;
                        readonly updated_at: string;
                        /** @description Verifies what we send; told this once. */
                        readonly secret: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly url: string;
                        readonly description: string | null;
                        /** @description Null: all, also those that are added later. */
                        readonly event_types: readonly string[] | null;
                        /** @enum {unknown} */
                        readonly status: "enabled" | "disabled";
                        /**
                         * @description owner: by you; gone: it answered 410; failing: for five days.
                         * @enum {string|null}
                         */
                        readonly disabled_reason: "owner" | "gone" | "failing" | null;
                        readonly disabled_at: string | null;
                        /** @description Since when nothing could be delivered; null: the newest attempt was. */
                        readonly failing_since: string | null;
                        /** @description Until then the secret before this one signs too. */
                        readonly previous_secret_expires_at: string | null;
                        readonly created_at: string;
                        readonly updated_at: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly deleteWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Done; there is nothing to say. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly updateWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly url?: string;
                    readonly description?: string | null;
                    /** @description Types, or families as in deposit.*; null: all. */
                    readonly event_types?: readonly ("deposit.created" | "deposit.succeeded" | "deposit.failed" | "deposit.review" | "withdrawal.created" | "withdrawal.succeeded" | "withdrawal.failed" | "withdrawal.review" | "transfer.created" | "transfer.succeeded" | "transfer.failed" | "transfer.review" | "refund.created" | "refund.succeeded" | "refund.failed" | "refund.review" | "correction.created" | "correction.succeeded" | "correction.failed" | "correction.review" | "endpoint.disabled" | "deposit.*" | "withdrawal.*" | "transfer.*" | "refund.*" | "correction.*")[] | null;
                    readonly enabled?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly url: string;
                        readonly description: string | null;
                        /** @description Null: all, also those that are added later. */
                        readonly event_types: readonly string[] | null;
                        /** @enum {unknown} */
                        readonly status: "enabled" | "disabled";
                        /**
                         * @description owner: by you; gone: it answered 410; failing: for five days.
                         * @enum {string|null}
                         */
                        readonly disabled_reason: "owner" | "gone" | "failing" | null;
                        readonly disabled_at: string | null;
                        /** @description Since when nothing could be delivered; null: the newest attempt was. */
                        readonly failing_since: string | null;
                        /** @description Until then the secret before this one signs too. */
                        readonly previous_secret_expires_at: string | null;
                        readonly created_at: string;
                        readonly updated_at: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rotateWebhookSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description How long the old secret still signs. Default: a day. */
                    readonly overlap_seconds?: number;
                };
            };
        };
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly url: string;
                        readonly description: string | null;
                        /** @description Null: all, also those that are added later. */
                        readonly event_types: readonly string[] | null;
                        /** @enum {unknown} */
                        readonly status: "enabled" | "disabled";
                        /**
                         * @description owner: by you; gone: it answered 410; failing: for five days.
                         * @enum {string|null}
                         */
                        readonly disabled_reason: "owner" | "gone" | "failing" | null;
                        readonly disabled_at: string | null;
                        /** @description Since when nothing could be delivered; null: the newest attempt was. */
                        readonly failing_since: string | null;
                        /** @description Until then the secret before this one signs too. */
                        readonly previous_secret_expires_at: string | null;
                        readonly created_at: string;
                        readonly updated_at: string;
                        /** @description Verifies what we send; told this once. */
                        readonly secret: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly sendTestWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Kept, and on its way. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description What the receiver saw as webhook-id. */
                        readonly delivery_id: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly replayWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly since: string;
                    /** @description Null: until now. */
                    readonly until?: string | null;
                    /** @description Default false: only what did not arrive. */
                    readonly include_delivered?: boolean;
                    readonly cursor?: string | null;
                };
            };
        };
        readonly responses: {
            /** @description Kept, and on its way. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly replayed: number;
                        readonly next_cursor: string | null;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listWebhookDeliveries: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
                readonly transaction_id?: string;
                readonly endpoint_id?: string;
                /** @description Only those with this status. */
                readonly status?: "pending" | "delivered" | "failed" | "cancelled";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            /** @description What the receiver saw as webhook-id. */
                            readonly id: string;
                            readonly endpoint_id: string;
                            readonly event_type: string;
                            readonly transaction_id: string | null;
                            /** @description Of the payment, at this event. */
                            readonly version: number | null;
                            /**
                             * @description failed: given up after the last attempt; cancelled: its endpoint was switched off.
                             * @enum {unknown}
                             */
                            readonly status: "pending" | "delivered" | "failed" | "cancelled";
                            readonly attempts: number;
                            readonly occurred_at: string;
                            readonly next_attempt_at: string | null;
                            readonly ended_at: string | null;
                        }[];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getWebhookDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description What the receiver saw as webhook-id. */
                        readonly id: string;
                        readonly endpoint_id: string;
                        readonly event_type: string;
                        readonly transaction_id: string | null;
                        /** @description Of the payment, at this event. */
                        readonly version: number | null;
                        /**
                         * @description failed: given up after the last attempt; cancelled: its endpoint was switched off.
                         * @enum {unknown}
                         */
                        readonly status: "pending" | "delivered" | "failed" | "cancelled";
                        readonly attempts: number;
                        readonly occurred_at: string;
                        readonly next_attempt_at: string | null;
                        readonly ended_at: string | null;
                        /** @description The newest 100. */
                        readonly log: readonly {
                            readonly started_at: string;
                            readonly latency_ms: number;
                            readonly http_status: number | null;
                            /** @description Null: delivered, or answered 410. The words are explained in docs/webhooks.md. */
                            readonly error: string | null;
                            /** @description The first 2 kB of what it answered. */
                            readonly answer: string | null;
                        }[];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly replayWebhookDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Its id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Kept, and on its way. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description What the receiver saw as webhook-id. */
                        readonly delivery_id: string;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listApiKeys: {
        readonly parameters: {
            readonly query?: {
                /** @description Default 20. */
                readonly limit?: number;
                /** @description The next_cursor of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["ApiKey"][];
                        readonly next_cursor: string | null;
                        readonly limit: number;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly name: string;
                    readonly scopes: readonly ("deposits:write" | "withdrawals:write" | "read" | "webhooks:write" | "admin:*")[];
                    readonly expires_at?: string | null;
                };
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FreshApiKey"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rotateApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The API key’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description How long the old key still counts. Default: a day. */
                    readonly overlap_seconds?: number;
                    readonly expires_at?: string | null;
                };
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly name: string;
                        /** @description How the key begins. */
                        readonly prefix: string;
                        readonly scopes: readonly ("deposits:write" | "withdrawals:write" | "read" | "webhooks:write" | "admin:*")[];
                        /** @enum {unknown} */
                        readonly status: "active" | "expired" | "revoked";
                        readonly created_at: string;
                        readonly expires_at: string | null;
                        readonly revoked_at: string | null;
                        /** @description Within a minute or so. */
                        readonly last_used_at: string | null;
                        readonly rotated_to: string | null;
                        /** @description The key itself, told this once. */
                        readonly key: string;
                        readonly replaced: components["schemas"]["ApiKey"];
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revokeApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The API key’s id. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Done; there is nothing to say. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {unknown} */
                        readonly status: "ok" | "degraded" | "stopping";
                        readonly version: string;
                        readonly dependencies: {
                            readonly [key: string]: {
                                /** @enum {unknown} */
                                readonly status: "ok" | "away";
                                readonly detail?: string;
                            };
                        };
                        readonly breakers?: {
                            readonly [key: string]: {
                                /** @enum {unknown} */
                                readonly state: "closed" | "open" | "half_open";
                                readonly since: string;
                            };
                        };
                        /** @description Since the first submit of the oldest payment whose outcome is unknown. */
                        readonly oldest_unknown_seconds?: number | null;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {unknown} */
                        readonly status: "ok" | "degraded" | "stopping";
                        readonly version: string;
                        readonly dependencies: {
                            readonly [key: string]: {
                                /** @enum {unknown} */
                                readonly status: "ok" | "away";
                                readonly detail?: string;
                            };
                        };
                        readonly breakers?: {
                            readonly [key: string]: {
                                /** @enum {unknown} */
                                readonly state: "closed" | "open" | "half_open";
                                readonly since: string;
                            };
                        };
                        /** @description Since the first submit of the oldest payment whose outcome is unknown. */
                        readonly oldest_unknown_seconds?: number | null;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getLiveness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @constant */
                        readonly status: "ok";
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getOpenApi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @constant */
                        readonly openapi: "3.1.0";
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly on_deposit_created: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "deposit.created";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_deposit_succeeded: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "deposit.succeeded";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_deposit_failed: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "deposit.failed";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_deposit_review: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "deposit.review";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_withdrawal_created: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "withdrawal.created";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_withdrawal_succeeded: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "withdrawal.succeeded";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_withdrawal_failed: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "withdrawal.failed";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_withdrawal_review: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "withdrawal.review";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_transfer_created: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "transfer.created";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_transfer_succeeded: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "transfer.succeeded";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_transfer_failed: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "transfer.failed";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_transfer_review: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "transfer.review";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_refund_created: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "refund.created";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_refund_succeeded: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "refund.succeeded";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_refund_failed: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "refund.failed";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_refund_review: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "refund.review";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_correction_created: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "correction.created";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_correction_succeeded: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "correction.succeeded";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_correction_failed: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "correction.failed";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_correction_review: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "correction.review";
                    readonly timestamp: string;
                    readonly data: components["schemas"]["WebhookPayment"];
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_endpoint_disabled: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "endpoint.disabled";
                    readonly timestamp: string;
                    readonly data: Record<string, unknown>;
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly on_test_ping: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The same at every repetition. */
                readonly "webhook-id": components["parameters"]["WebhookId"];
                /** @description Of this attempt, in Unix seconds. */
                readonly "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated. */
                readonly "webhook-signature": components["parameters"]["WebhookSignature"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @constant */
                    readonly type: "test.ping";
                    readonly timestamp: string;
                    readonly data: Record<string, unknown>;
                };
            };
        };
        readonly responses: {
            /** @description Not wanted any more: the endpoint is disabled. */
            readonly 410: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Taken: it does not come again. */
            readonly "2XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}

/** A POST there moves money, so it has an Idempotency-Key. */
export const keyedPaths: ReadonlySet<string> = new Set([
  '/api/v1/deposits',
  '/api/v1/withdrawals',
  '/api/v1/refunds',
  '/api/v1/transfers',
]);
