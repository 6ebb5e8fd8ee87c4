-- All movings. key_returned is a BIT: + 0 makes it a number, where mysql would print
-- a byte that no editor shows.
SELECT
  movings.id,
  movings.contract_id,
  tenants.code AS tenant_code,
  movings.kind,
  movings.scheduled_on,
  movings.done_at,
  from_apartments.name AS from_apartment,
  from_rooms.number AS from_room,
  to_apartments.name AS to_apartment,
  to_rooms.number AS to_room,
  staff.name AS staff,
  movings.key_returned + 0 AS key_returned,
  movings.cleaning_fee,
  movings.memo,
  movings.updated_at
FROM movings
JOIN tenants ON tenants.id = movings.tenant_id
LEFT JOIN rooms AS from_rooms ON from_rooms.id = movings.from_room_id
LEFT JOIN apartments AS from_apartments ON from_apartments.id = from_rooms.apartment_id
LEFT JOIN rooms AS to_rooms ON to_rooms.id = movings.to_room_id
LEFT JOIN apartments AS to_apartments ON to_apartments.id = to_rooms.apartment_id
LEFT JOIN staff ON staff.id = movings.staff_id
ORDER BY movings.id;
