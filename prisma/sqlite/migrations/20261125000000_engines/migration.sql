-- AlterTable
ALTER TABLE "calls" ADD COLUMN "billed_seconds" REAL NOT NULL DEFAULT 0;
ALTER TABLE "calls" ADD COLUMN "rep_voice" INTEGER;
