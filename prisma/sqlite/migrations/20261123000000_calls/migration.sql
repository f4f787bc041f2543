-- CreateTable
CREATE TABLE "calls" (
    "call_id" TEXT NOT NULL PRIMARY KEY,
    "position" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "started_at_ms" BIGINT NOT NULL,
    "ended_at_ms" BIGINT,
    "completion_reason" TEXT,
    "language" TEXT NOT NULL,
    "transcriber" TEXT NOT NULL,
    "audio_mode" TEXT NOT NULL,
    "stereo_layout" TEXT NOT NULL,
    "sample_rate_hz" INTEGER NOT NULL,
    "coach_enabled" BOOLEAN NOT NULL,
    "title" TEXT NOT NULL,
    "customer_name" TEXT,
    "customer_company" TEXT,
    "notes" TEXT NOT NULL,
    "playbook" TEXT,
    "consent_json" TEXT,
    "expires_at_ms" BIGINT NOT NULL,
    "durable_samples" BIGINT NOT NULL,
    "settled_sample" BIGINT NOT NULL,
    "reserved_seq" BIGINT NOT NULL,
    "lost_audio_json" TEXT NOT NULL,
    "audio_marks_json" TEXT NOT NULL,
    "summary_json" TEXT,
    "search_state" TEXT NOT NULL DEFAULT 'live'
);

-- CreateTable
CREATE TABLE "segments" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "call_id" TEXT NOT NULL,
    "segment_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "speaker" INTEGER,
    "voice" INTEGER,
    "ts_ms" INTEGER NOT NULL,
    "end_ms" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "confidence" REAL,
    "words_json" TEXT NOT NULL,
    CONSTRAINT "segments_call_id_fkey" FOREIGN KEY ("call_id") REFERENCES "calls" ("call_id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "objections" (
    "call_id" TEXT NOT NULL,
    "objection_id" TEXT NOT NULL,
    "segment_id" TEXT NOT NULL,
    "speaker" INTEGER,
    "ts_ms" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "evidence_json" TEXT NOT NULL,
    "confidence" REAL NOT NULL,
    "source" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "repeat_of" TEXT,
    "latency_ms" REAL NOT NULL,

    PRIMARY KEY ("call_id", "objection_id"),
    CONSTRAINT "objections_call_id_fkey" FOREIGN KEY ("call_id") REFERENCES "calls" ("call_id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "suggestions" (
    "call_id" TEXT NOT NULL,
    "suggestion_id" TEXT NOT NULL,
    "objection_id" TEXT NOT NULL,
    "ts_ms" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "playbook_entry" TEXT,
    "status" TEXT NOT NULL,
    "latency_ms" REAL NOT NULL,
    "feedback" TEXT,

    PRIMARY KEY ("call_id", "suggestion_id"),
    CONSTRAINT "suggestions_call_id_fkey" FOREIGN KEY ("call_id") REFERENCES "calls" ("call_id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "call_events" (
    "call_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "payload_json" TEXT NOT NULL,

    PRIMARY KEY ("call_id", "seq"),
    CONSTRAINT "call_events_call_id_fkey" FOREIGN KEY ("call_id") REFERENCES "calls" ("call_id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "calls_position_key" ON "calls"("position");

-- CreateIndex
CREATE INDEX "calls_status_position_idx" ON "calls"("status", "position");

-- CreateIndex
CREATE INDEX "calls_search_state_idx" ON "calls"("search_state");

-- CreateIndex
CREATE UNIQUE INDEX "segments_call_id_segment_id_key" ON "segments"("call_id", "segment_id");

-- CreateIndex
CREATE INDEX "objections_call_id_status_type_idx" ON "objections"("call_id", "status", "type");


-- Full-text search: one row per completed call (rowid = calls.position), and one per line of the calls that
-- are not (rowid = segments.id; the title and customer under -position). The text arrives as lower-case
-- words without accents, separated by one space, so that the ascii tokenizer cuts it exactly there.
-- detail=none: only whole words and prefixes are asked for. secure-delete: deleted words leave the index.
CREATE VIRTUAL TABLE "call_search" USING fts5(body, tokenize = 'ascii', detail = none, prefix = '1 2 3');

CREATE VIRTUAL TABLE "live_search" USING fts5(body, position UNINDEXED, tokenize = 'ascii', detail = none, prefix = '1 2 3');

INSERT INTO "call_search"("call_search", rank) VALUES ('secure-delete', 1);

INSERT INTO "live_search"("live_search", rank) VALUES ('secure-delete', 1);
