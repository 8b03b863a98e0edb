! SPDX-License-Identifier: BSD-3-Clause
!
! A model of Ansatz in place of a parameterisation:
!
!     fortran_step data TABLE.csv     states of the atmosphere and what the known physics makes of them, to learn from
!     fortran_step run MODEL.az [DAYS]  the atmosphere with the known physics and with the learned one, compared
program step
    use, intrinsic :: iso_c_binding, only: c_bool
    use, intrinsic :: iso_fortran_env, only: real64
    use ansatz
    use atmosphere
    implicit none
    character(len=500) :: mode, path, text
    integer :: n_days = 100

    call get_command_argument(1, mode)
    call get_command_argument(2, path)
    if (command_argument_count() > 2) then
        call get_command_argument(3, text)
        read (text, *) n_days
    end if
    select case (mode)
    case ('data')
        call write_data(trim(path))
    case ('run')
        call run(trim(path))
    case default
        error stop 'usage: fortran_step data TABLE.csv | run MODEL.az [DAYS]'
    end select

contains

    ! States around the equilibrium, spread evenly by multiples of irrational numbers: no random numbers, so the table
    ! is the same everywhere.  The shifts are powers of the root of x**4 = x + 1, the golden ratio's kin in three
    ! dimensions (M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018).
    subroutine write_data(table)
        character(len=*), intent(in) :: table
        real(real64), parameter :: shift(3) = [0.8191725133961645_real64, 0.6710436067037893_real64, &
                                               0.5497004779019703_real64]
        real(real64) :: u(3), sigma, sine_squared, temperature, humidity, radiation, moistening
        integer :: unit, level, column, i
        open (newunit=unit, file=table, status='replace', action='write')
        write (unit, '(a)') 'temperature [K],humidity [g/kg],saturation [g/kg],sigma,sine_squared,' // &
            'radiation [K/day],moistening [g/kg/day]'
        i = 0
        do column = 1, n_columns
            sine_squared = sine_of_latitude(column)**2
            do level = 1, n_levels
                sigma = sigma_of(level)
                do i = i + 1, i + 8
                    u = modulo(i * shift, 1.0_real64)
                    temperature = equilibrium(sigma, sine_squared) + 70 * (u(1) - 0.5_real64)
                    humidity = saturation(temperature, sigma) * (0.4_real64 + 0.6_real64 * u(2))
                    call physics(temperature, humidity, sigma, sine_squared, radiation, moistening)
                    write (unit, '(*(g0.17, :, ","))') temperature, 1000 * humidity, &
                        1000 * saturation(temperature, sigma), sigma, sine_squared, radiation, 1000 * moistening
                end do
                i = i - 1
            end do
        end do
        close (unit)
    end subroutine write_data

    subroutine run(path)
        character(len=*), intent(in) :: path
        type(az_model) :: model
        real(real64), dimension(n_levels, n_columns) :: known_t, known_q, learned_t, learned_q
        real(real64), parameter :: time_step = 1 / 24.0_real64, mixing = 0.05_real64
        real(real64) :: sigma(n_levels)
        integer :: i, n_outside, level, column

        sigma = sigma_of([(level, level=1, n_levels)])
        call model%read(path)
        call model%bind([character(len=12) :: 'temperature', 'humidity', 'saturation', 'sigma', 'sine_squared'])
        do column = 1, n_columns
            known_t(:, column) = equilibrium(sigma, sine_of_latitude(column)**2)
        end do
        known_q = 0.5_real64 * saturation(known_t, spread(sigma, 2, n_columns))
        learned_t = known_t
        learned_q = known_q
        n_outside = 0
        do i = 1, nint(n_days / time_step)
            call known_step(known_t, known_q, time_step)
            call mix(known_t, mixing)
            call mix(known_q, mixing)
            call learned_step(model, learned_t, learned_q, time_step, n_outside)
            call mix(learned_t, mixing)
            call mix(learned_q, mixing)
        end do

        print '(a, i0, a)', 'After ', n_days, ' days, at the ground:'
        print '(a)', '  latitude   temperature [K]     humidity [g/kg]'
        print '(a)', '              known  learned      known  learned'
        do column = n_columns, 1, -6
            print '(f10.1, 2f9.2, 2x, 2f9.3)', asin(sine_of_latitude(column)) * 180 / pi, known_t(1, column), &
                learned_t(1, column), 1000 * known_q(1, column), 1000 * learned_q(1, column)
        end do
        print '(a, f6.3, a, f6.3, a)', 'Root mean square of the difference, all levels: ', &
            sqrt(sum((known_t - learned_t)**2) / size(known_t)), ' K, ', &
            1000 * sqrt(sum((known_q - learned_q)**2) / size(known_q)), ' g/kg'
        print '(a, f6.3, a)', 'States outside the range that the model was trained on: ', &
            100 * real(n_outside, real64) / size(known_t) / nint(n_days / time_step), ' %'
    end subroutine run

    subroutine known_step(temperature, humidity, time_step)
        real(real64), intent(inout), dimension(n_levels, n_columns) :: temperature, humidity
        real(real64), intent(in) :: time_step
        real(real64), dimension(n_levels) :: radiation, moistening, sigma
        integer :: column, level
        sigma = sigma_of([(level, level=1, n_levels)])
        do column = 1, n_columns
            call physics(temperature(:, column), humidity(:, column), sigma, sine_of_latitude(column)**2, radiation, &
                         moistening)
            call advance(temperature(:, column), humidity(:, column), radiation, moistening, time_step)
        end do
    end subroutine known_step

    ! What a host model would take over: a column is a block of n_levels rows, and every thread has its scratch.
    subroutine learned_step(model, temperature, humidity, time_step, n_outside)
        type(az_model), intent(in) :: model
        real(real64), intent(inout), dimension(n_levels, n_columns) :: temperature, humidity
        real(real64), intent(in) :: time_step
        integer, intent(inout) :: n_outside
        type(az_scratch) :: scratch
        real(real64) :: inputs(n_levels, 5), tendencies(n_levels, 2)
        logical(c_bool) :: in_range(n_levels)
        integer :: column, level
        !$omp parallel private(scratch, inputs, tendencies, in_range) reduction(+:n_outside)
        call scratch%prepare(model, n_levels)
        inputs(:, 4) = sigma_of([(level, level=1, n_levels)])
        !$omp do
        do column = 1, n_columns
            inputs(:, 1) = temperature(:, column)
            inputs(:, 2) = 1000 * humidity(:, column)
            inputs(:, 3) = 1000 * saturation(temperature(:, column), inputs(:, 4))
            inputs(:, 5) = sine_of_latitude(column)**2
            call model%predict(inputs, tendencies, scratch, in_range)
            call advance(temperature(:, column), humidity(:, column), tendencies(:, 1), tendencies(:, 2) / 1000, &
                         time_step)
            n_outside = n_outside + count(.not. in_range)
        end do
        !$omp end do
        !$omp end parallel
    end subroutine learned_step
end program step
