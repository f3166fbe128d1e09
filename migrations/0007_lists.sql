-- What support asks most: the bank names its transaction, which payment is it?

-- Of the final rows that bear one. A settle's update was never HOT (it empties due_at, which is
-- indexed), so this adds one entry a payment and takes nothing away: docs/decisions/0006.
CREATE INDEX payment_state_bank ON payment_state (bank_transaction_id)
  WHERE bank_transaction_id IS NOT NULL;
