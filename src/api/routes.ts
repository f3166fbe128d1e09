import type { Route } from './context.ts';
import { accountsCreate } from './routes/accounts-create.ts';
import { accountsGet } from './routes/accounts-get.ts';
import { accountsList } from './routes/accounts-list.ts';
import { accountsStatement } from './routes/accounts-statement.ts';
import { apiKeysCreate } from './routes/api-keys-create.ts';
import { apiKeysList } from './routes/api-keys-list.ts';
import { apiKeysRevoke } from './routes/api-keys-revoke.ts';
import { apiKeysRotate } from './routes/api-keys-rotate.ts';
import { auditLogList } from './routes/audit-log-list.ts';
import { authChangePassword } from './routes/auth-change-password.ts';
import { authLogin } from './routes/auth-login.ts';
import { authLogout } from './routes/auth-logout.ts';
import { authRefresh } from './routes/auth-refresh.ts';
import { authRegister } from './routes/auth-register.ts';
import { bankCallback } from './routes/bank-callback.ts';
import { breaksList } from './routes/breaks-list.ts';
import { breaksResolve } from './routes/breaks-resolve.ts';
import { depositsCreate } from './routes/deposits-create.ts';
import { depositsGet } from './routes/deposits-get.ts';
import { docsGet } from './routes/docs-get.ts';
import { eventsList } from './routes/events-list.ts';
import { eventsStream } from './routes/events-stream.ts';
import { failedTasksClose } from './routes/failed-tasks-close.ts';
import { failedTasksGet } from './routes/failed-tasks-get.ts';
import { failedTasksList } from './routes/failed-tasks-list.ts';
import { failedTasksRequeue } from './routes/failed-tasks-requeue.ts';
import { failedTasksRequeueMany } from './routes/failed-tasks-requeue-many.ts';
import { health } from './routes/health.ts';
import { openApiGet } from './routes/openapi-get.ts';
import { paymentsBulk } from './routes/payments-bulk.ts';
import { paymentsCancel } from './routes/payments-cancel.ts';
import { paymentsLists } from './routes/payments-list.ts';
import { paymentsResolve } from './routes/payments-resolve.ts';
import { reconciliationRunsCreate } from './routes/reconciliation-runs-create.ts';
import { reconciliationRunsGet } from './routes/reconciliation-runs-get.ts';
import { reconciliationRunsList } from './routes/reconciliation-runs-list.ts';
import { refundsCreate } from './routes/refunds-create.ts';
import { refundsGet } from './routes/refunds-get.ts';
import { transactionsGet } from './routes/transactions-get.ts';
import { transfersCreate } from './routes/transfers-create.ts';
import { transfersGet } from './routes/transfers-get.ts';
import { usersBalance } from './routes/users-balance.ts';
import { usersGet } from './routes/users-get.ts';
import { usersList } from './routes/users-list.ts';
import { usersMe } from './routes/users-me.ts';
import { usersMeUpdate } from './routes/users-me-update.ts';
import { usersStatement } from './routes/users-statement.ts';
import { usersTransactions } from './routes/users-transactions.ts';
import { usersUpdate } from './routes/users-update.ts';
import { webhooksDeliveriesGet } from './routes/webhooks-deliveries-get.ts';
import { webhooksDeliveriesList } from './routes/webhooks-deliveries-list.ts';
import { webhooksDeliveriesReplay } from './routes/webhooks-deliveries-replay.ts';
import { webhooksEndpointsCreate } from './routes/webhooks-endpoints-create.ts';
import { webhooksEndpointsDelete } from './routes/webhooks-endpoints-delete.ts';
import { webhooksEndpointsGet } from './routes/webhooks-endpoints-get.ts';
import { webhooksEndpointsList } from './routes/webhooks-endpoints-list.ts';
import { webhooksEndpointsReplay } from './routes/webhooks-endpoints-replay.ts';
import { webhooksEndpointsRotate } from './routes/webhooks-endpoints-rotate.ts';
import { webhooksEndpointsTest } from './routes/webhooks-endpoints-test.ts';
import { webhooksEndpointsUpdate } from './routes/webhooks-endpoints-update.ts';
import { withdrawalsCreate } from './routes/withdrawals-create.ts';
import { withdrawalsGet } from './routes/withdrawals-get.ts';

/** The whole public surface. */
export const routes: readonly Route[] = [
  authRegister,
  authLogin,
  authRefresh,
  authLogout,
  authChangePassword,
  usersMe,
  usersMeUpdate,
  usersList,
  usersGet,
  usersUpdate,
  usersBalance,
  usersStatement,
  accountsCreate,
  accountsList,
  accountsGet,
  accountsStatement,
  usersTransactions,
  ...paymentsLists,
  ...paymentsBulk,
  ...paymentsCancel,
  depositsCreate,
  depositsGet,
  withdrawalsCreate,
  withdrawalsGet,
  transfersCreate,
  transfersGet,
  refundsCreate,
  refundsGet,
  transactionsGet,
  paymentsResolve,
  eventsList,
  eventsStream,
  failedTasksList,
  failedTasksGet,
  failedTasksRequeue,
  failedTasksRequeueMany,
  failedTasksClose,
  reconciliationRunsCreate,
  reconciliationRunsList,
  reconciliationRunsGet,
  breaksList,
  breaksResolve,
  auditLogList,
  bankCallback,
  webhooksEndpointsCreate,
  webhooksEndpointsList,
  webhooksEndpointsGet,
  webhooksEndpointsUpdate,
  webhooksEndpointsDelete,
  webhooksEndpointsRotate,
  webhooksEndpointsTest,
  webhooksEndpointsReplay,
  webhooksDeliveriesList,
  webhooksDeliveriesGet,
  webhooksDeliveriesReplay,
  apiKeysCreate,
  apiKeysList,
  apiKeysRotate,
  apiKeysRevoke,
  health,
  openApiGet,
  docsGet,
];
