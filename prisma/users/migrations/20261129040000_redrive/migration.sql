-- Parked events of the key are to be handled again by the running consumer, or at its next start.
ALTER TABLE "inbox" ADD COLUMN     "redrive" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "inbox_redrive_idx" ON "inbox"("consumer") WHERE "redrive";

-- The oldest of what is parked, for the gauges: they look at each scrape.
CREATE INDEX "inbox_parked_parked_at_idx" ON "inbox_parked"("parked_at");
CREATE INDEX "outbox_parked_at_idx" ON "outbox"("parked_at") WHERE "parked_at" IS NOT NULL;
