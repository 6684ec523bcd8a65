[global]
repo1-cipher-pass=${passphrase}
