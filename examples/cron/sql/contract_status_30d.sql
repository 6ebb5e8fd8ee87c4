-- Contract status, contracts changed in the last 30 days.
--
-- :today is the job's day in Tokyo. CURRENT_DATE would be the server's: at 06:01 in
-- Tokyo a server in UTC is still at the day before, and the window a day too early.
-- updated_at is a DATETIME in Tokyo's time, which no session's zone changes.
SELECT
  contracts.id,
  contracts.contract_no,
  tenants.code AS tenant_code,
  tenants.last_name,
  tenants.first_name,
  apartments.name AS apartment,
  rooms.number AS room,
  contracts.kind,
  CASE
    WHEN contracts.cancelled_at IS NOT NULL THEN 'cancelled'
    WHEN contracts.starts_on > job.today THEN 'upcoming'
    WHEN contracts.ends_on < job.today THEN 'ended'
    ELSE 'active'
  END AS status,
  contracts.starts_on,
  contracts.ends_on,
  contracts.rent,
  contracts.deposit,
  contracts.signed_at,
  contracts.updated_at
FROM (SELECT CAST(:today AS DATE) AS today) AS job
JOIN contracts ON contracts.updated_at >= job.today - INTERVAL 30 DAY
JOIN tenants ON tenants.id = contracts.tenant_id
JOIN rooms ON rooms.id = contracts.room_id
JOIN apartments ON apartments.id = rooms.apartment_id
ORDER BY contracts.id;
