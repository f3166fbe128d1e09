import type { Route } from './context.ts';
import { authLogin } from './routes/auth-login.ts';
import { authRegister } from './routes/auth-register.ts';
import { bankCallback } from './routes/bank-callback.ts';
import { depositsCreate } from './routes/deposits-create.ts';
import { depositsGet } from './routes/deposits-get.ts';
import { health } from './routes/health.ts';
import { paymentsLists } from './routes/payments-list.ts';
import { transactionsGet } from './routes/transactions-get.ts';
import { usersBalance } from './routes/users-balance.ts';
import { usersMe } from './routes/users-me.ts';
import { usersTransactions } from './routes/users-transactions.ts';
import { withdrawalsCreate } from './routes/withdrawals-create.ts';
import { withdrawalsGet } from './routes/withdrawals-get.ts';

/** The whole public surface. */
export const routes: readonly Route[] = [
  authRegister,
  authLogin,
  usersMe,
  usersBalance,
  usersTransactions,
  ...paymentsLists,
  depositsCreate,
  depositsGet,
  withdrawalsCreate,
  withdrawalsGet,
  transactionsGet,
  bankCallback,
  health,
];
