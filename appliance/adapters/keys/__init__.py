"""What holds a container's key: a file, the host it runs on, a TPM, a PKCS#11 token."""
