-- CreateTable
CREATE TABLE "owners" (
    "user_id" UUID NOT NULL,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "trimmed_seq" INTEGER NOT NULL DEFAULT 0,
    "files" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "owners_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "media_files" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "checksum" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "rejection" TEXT,
    "upload_key" TEXT NOT NULL,
    "upload_id" TEXT,
    "folder" TEXT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "duration_ms" INTEGER,
    "blurhash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "media_files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "variants" (
    "file_id" UUID NOT NULL,
    "size" TEXT NOT NULL,
    "extension" TEXT NOT NULL,
    "key" TEXT NOT NULL,

    CONSTRAINT "variants_pkey" PRIMARY KEY ("file_id","size","extension")
);

-- CreateTable
CREATE TABLE "file_uses" (
    "subject_type" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "file_id" UUID NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "file_uses_pkey" PRIMARY KEY ("subject_type","subject_id","file_id")
);

-- CreateTable
CREATE TABLE "media_events" (
    "owner_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "file_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "media_events_pkey" PRIMARY KEY ("owner_id","seq")
);

-- CreateIndex
CREATE INDEX "media_files_owner_id_created_at_id_idx" ON "media_files"("owner_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "media_files_owner_id_client_id_key" ON "media_files"("owner_id", "client_id");

-- CreateIndex
CREATE INDEX "file_uses_file_id_idx" ON "file_uses"("file_id");

-- CreateIndex
CREATE INDEX "media_events_at_idx" ON "media_events"("at");

-- AddForeignKey
ALTER TABLE "variants" ADD CONSTRAINT "variants_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "media_files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "file_uses" ADD CONSTRAINT "file_uses_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "media_files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The first timer that deletes old events. It sets itself again.
INSERT INTO timers (name, key, id, version, due_at, payload) VALUES ('events-expire', 'all', gen_random_uuid(), 1, now(), '{}');
