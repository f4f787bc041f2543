-- What asking a language model about a call has cost: counted, not priced.
ALTER TABLE "calls" ADD COLUMN "model_requests" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "calls" ADD COLUMN "model_prompt_tokens" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "calls" ADD COLUMN "model_completion_tokens" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "calls" ADD COLUMN "model_unmetered" INTEGER NOT NULL DEFAULT 0;
