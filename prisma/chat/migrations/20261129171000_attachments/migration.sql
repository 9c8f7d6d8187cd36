-- AlterTable
ALTER TABLE "room_events" ADD COLUMN     "attachment_ids" UUID[] DEFAULT ARRAY[]::UUID[];

-- CreateTable
CREATE TABLE "known_files" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,

    CONSTRAINT "known_files_pkey" PRIMARY KEY ("id")
);

-- Finds the messages of a file. Only messages with attachments are in it.
CREATE INDEX "room_events_attachments_idx" ON "room_events" USING gin ("attachment_ids") WHERE "attachment_ids" <> '{}';
