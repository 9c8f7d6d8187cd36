-- AlterTable
ALTER TABLE "rulings" ADD COLUMN     "client_id" TEXT,
ADD COLUMN     "created_as" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "rulings_tournament_id_client_id_key" ON "rulings"("tournament_id", "client_id");
