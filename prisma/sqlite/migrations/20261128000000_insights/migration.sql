-- CreateTable
CREATE TABLE "insights" (
    "call_id" TEXT NOT NULL,
    "insight_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "segment_id" TEXT,
    "ts_ms" INTEGER NOT NULL,
    "payload_json" TEXT NOT NULL,

    PRIMARY KEY ("call_id", "insight_id"),
    CONSTRAINT "insights_call_id_fkey" FOREIGN KEY ("call_id") REFERENCES "calls" ("call_id") ON DELETE RESTRICT ON UPDATE CASCADE
);
