-- All tenants.
SELECT
  tenants.id,
  tenants.code,
  tenants.last_name,
  tenants.first_name,
  tenants.kana,
  tenants.gender,
  tenants.birthday,
  nationalities.name AS nationality,
  tenants.email,
  tenants.phone,
  tenants.address,
  tenants.occupation,
  tenants.emergency_contact,
  tenants.visa_expires_on,
  tenants.newsletter,
  tenants.note,
  tenants.created_at,
  tenants.updated_at
FROM tenants
JOIN nationalities ON nationalities.id = tenants.nationality_id
ORDER BY tenants.id;
