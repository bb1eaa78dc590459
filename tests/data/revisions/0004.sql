INSERT INTO twinbase.idempotency_key (uid, key, fingerprint, code, http_status, message, expires_at)
VALUES ('u1', 'k-1', '\x00', 0, 200, 'success', now() + interval '1 day');
