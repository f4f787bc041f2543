-- CreateTable
CREATE TABLE "audit_log" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at_ms" BIGINT NOT NULL,
    "principal_id" TEXT NOT NULL,
    "principal_name" TEXT NOT NULL,
    "principal_role" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "call_id" TEXT,
    "detail_json" TEXT
);

-- CreateTable
CREATE TABLE "server_clock" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "seen_at_ms" BIGINT NOT NULL,
    "held_ms" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "audit_log_call_id_id_idx" ON "audit_log"("call_id", "id");

-- CreateIndex
CREATE INDEX "calls_ended_at_ms_started_at_ms_idx" ON "calls"("ended_at_ms", "started_at_ms");

-- The audit log is added to, never changed, and cut at its old end only.
CREATE TRIGGER "audit_log_is_not_changed" BEFORE UPDATE ON "audit_log"
BEGIN
    SELECT RAISE(ABORT, 'the audit log is not changed');
END;

CREATE TRIGGER "audit_log_is_cut_at_its_old_end" BEFORE DELETE ON "audit_log"
WHEN EXISTS (SELECT 1 FROM "audit_log" WHERE "id" < OLD."id")
BEGIN
    SELECT RAISE(ABORT, 'the audit log is cut at its old end only');
END;
