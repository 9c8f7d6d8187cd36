-- CreateTable
CREATE TABLE "read_marks" (
    "room_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,

    CONSTRAINT "read_marks_pkey" PRIMARY KEY ("room_id","user_id")
);

-- CreateIndex
CREATE INDEX "read_marks_user_id_idx" ON "read_marks"("user_id");

-- AddForeignKey
ALTER TABLE "read_marks" ADD CONSTRAINT "read_marks_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A partial index, which Prisma does not know: it counts the unread messages of a room without reading the rows.
CREATE INDEX room_events_unread_idx ON room_events (room_id, seq) INCLUDE (user_id) WHERE kind = 'MESSAGE';

-- The present members start with nothing unread.
INSERT INTO read_marks (room_id, user_id, seq)
SELECT room_members.room_id, room_members.user_id, rooms.last_seq FROM room_members JOIN rooms ON rooms.id = room_members.room_id;
