-- AlterTable
ALTER TABLE "calls" ADD COLUMN "owner_id" TEXT;

-- CreateIndex
CREATE INDEX "calls_owner_id_position_idx" ON "calls"("owner_id", "position");
