/** dies-after.ts MS EXIT_CODE: prints 30 numbered lines, then ends without a reason. */
for (let line = 1; line <= 30; line++) process.stdout.write(`line ${line}\n`);
setTimeout(() => process.exit(Number(process.argv[3])), Number(process.argv[2]));
