"""The path of a client: a write and a read through the virtual address, as the user `probe`."""

import concurrent.futures
import time

import psycopg2

AUTHORITY = "/etc/ninefold/tls/haproxy/ca.crt"
PASSWORD = "/etc/ninefold/probe.pgpass"
# Writes WAL without changing a table. Its commit waits for the synchronous standby, like an application's.
WRITE = "SELECT pg_logical_emit_message(true, 'ninefold', 'probe')"
READ = "SELECT host(inet_server_addr())"


def collect(wanted: dict) -> dict:
    """Both run at the same time, so that only one timeout passes if nothing answers."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        write = pool.submit(attempt, wanted, wanted["readWrite"], WRITE)
        read = pool.submit(attempt, wanted, wanted["readOnly"], READ)
        return {"write": write.result(), "read": read.result()}


def attempt(wanted: dict, port: int, statement: str) -> dict:
    began = time.monotonic()
    try:
        connection = psycopg2.connect(
            host=wanted["address"],
            port=port,
            dbname="ninefold",
            user="probe",
            passfile=PASSWORD,
            sslmode="verify-full",
            sslrootcert=AUTHORITY,
            connect_timeout=3,
            tcp_user_timeout=3000,
        )
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '3s'")
                cursor.execute(statement)
                row = cursor.fetchone()
        finally:
            connection.close()
    except psycopg2.Error as error:
        return {"error": " ".join(str(error).split())}
    seconds = round(time.monotonic() - began, 4)
    return {"seconds": seconds} if statement == WRITE else {"seconds": seconds, "from": row[0]}
