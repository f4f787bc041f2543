-- AlterTable
ALTER TABLE "calls" ADD COLUMN "playbook_version" INTEGER;

-- AlterTable
ALTER TABLE "suggestions" ADD COLUMN "said_segment" TEXT;
ALTER TABLE "suggestions" ADD COLUMN "said_similarity" REAL;

-- CreateTable
CREATE TABLE "playbooks" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "current_version" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "playbook_versions" (
    "playbook_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "restored_from" INTEGER,
    "saved_at_ms" BIGINT NOT NULL,
    "saved_by" TEXT NOT NULL,
    "body_json" TEXT NOT NULL,

    PRIMARY KEY ("playbook_id", "version"),
    CONSTRAINT "playbook_versions_playbook_id_fkey" FOREIGN KEY ("playbook_id") REFERENCES "playbooks" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "playbooks_name_key" ON "playbooks"("name");

-- CreateIndex
CREATE INDEX "calls_playbook_started_at_ms_idx" ON "calls"("playbook", "started_at_ms");

-- What a call was shown can be read for as long as there are calls: a version is added, never changed or removed.
CREATE TRIGGER "playbook_versions_are_not_changed" BEFORE UPDATE ON "playbook_versions"
BEGIN
    SELECT RAISE(ABORT, 'a version of a playbook is not changed');
END;

CREATE TRIGGER "playbook_versions_are_not_removed" BEFORE DELETE ON "playbook_versions"
BEGIN
    SELECT RAISE(ABORT, 'a version of a playbook is not removed');
END;
